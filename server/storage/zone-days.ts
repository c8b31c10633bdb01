/** Calendar days of a time zone as spans of time: 23, 24 or 25 hours long, or what a zone does else.
 * Pure. */
import { AppError } from '../base/errors.ts';
import { DAY_MS } from './retention-plan.ts';

/** One calendar day. */
export interface ZoneDay {
  /** `2026-11-27`. */
  readonly day: string;
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
}

/** No zone is further from UTC. */
const OFFSET_MAX_MS = 26 * 60 * 60 * 1000;

/** The last `count` days of a zone up to the one that `nowMs` lies in, oldest first. `invalid` for a
 * zone that nobody knows. */
export function lastDays(timeZone: string, nowMs: number, count: number): ZoneDay[] {
  const dayOf = dayReader(timeZone);
  const today = Date.parse(`${dayOf(nowMs)}T00:00:00Z`);
  const starts = Array.from({ length: count + 1 }, (_, index) => {
    const day = new Date(today + (index - count + 1) * DAY_MS).toISOString().slice(0, 10);
    return { day, fromMs: beginOf(day, dayOf) };
  });
  return starts.slice(0, count).flatMap(({ day, fromMs }, index) => {
    const toMs = starts[index + 1]?.fromMs ?? fromMs;
    return toMs > fromMs ? [{ day, fromMs, toMs }] : [];
  });
}

/** The first millisecond that is on `day` or later: days follow one another in every zone, so it is
 * found by halving. */
function beginOf(day: string, dayOf: (ms: number) => string): number {
  const noon = Date.parse(`${day}T00:00:00Z`);
  let before = noon - OFFSET_MAX_MS;
  let after = noon + OFFSET_MAX_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayOf(middle) < day) before = middle;
    else after = middle;
  }
  return after;
}

function dayReader(timeZone: string): (ms: number) => string {
  try {
    // Swedish writes dates as ISO 8601 does.
    const format = new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone, year: 'numeric', month: '2-digit', day: '2-digit' },
    });
    return (ms) => format.format(ms);
  } catch (thrown) {
    throw new AppError('invalid', 'There is no such time zone.', {
      cause: thrown,
      hint: 'Send an IANA name, for example Europe/Berlin.',
    });
  }
}
