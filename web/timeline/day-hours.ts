/** The hours of a local day as clocks on the wall show them, clock changes included. Pure but for the
 * browser's zone. */

/**
 * `usual`: as every day. `first`, `second`: the two runs of an hour that a clock change repeats.
 * `skipped`: the hour that it leaves out; it begins and ends at the moment of the change.
 */
export type HourKind = 'usual' | 'first' | 'second' | 'skipped';

/** One row of a day. */
export interface DayHour {
  /** 0–23, as a clock shows it. */
  readonly hour: number;
  /** The minute it begins with: 0 but for zones that change their clocks by half an hour. */
  readonly minute: number;
  readonly kind: HourKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** Every zone in use differs from UTC by a multiple of it, and changes its clocks at one. */
const STEP_MS = 15 * 60_000;

const HOUR_MS = 60 * 60_000;

/** A day of 25 hours has 100 steps; twice as many is no day, but a wrong argument. */
const MAX_STEPS = 200;

/** The hours of the day from `dayMs` to `nextDayMs`, its first moment and that of the day after it. */
export function hoursOfDay(dayMs: number, nextDayMs: number): readonly DayHour[] {
  const steps = Math.min(Math.ceil((nextDayMs - dayMs) / STEP_MS), MAX_STEPS);
  const rows: DayHour[] = [];
  for (let step = 0; step < steps; step += 1) {
    const startMs = dayMs + step * STEP_MS;
    const endMs = Math.min(startMs + STEP_MS, nextDayMs);
    const clock = new Date(startMs);
    const last = rows.at(-1);
    const sameRow = last?.hour === clock.getHours() && offsetMs(last.startMs) === offsetMs(startMs);
    if (last !== undefined && sameRow) {
      rows[rows.length - 1] = { ...last, endMs };
    } else {
      const hour = clock.getHours();
      rows.push({ hour, minute: clock.getMinutes(), kind: 'usual', startMs, endMs });
    }
  }
  return withSkipped(withRepeated(rows));
}

/** Milliseconds that local clocks are ahead of UTC. */
function offsetMs(ms: number): number {
  return -new Date(ms).getTimezoneOffset() * 60_000;
}

function withRepeated(rows: readonly DayHour[]): DayHour[] {
  return rows.map((row, index) => {
    const twin = rows.findIndex((other, at) => at !== index && other.hour === row.hour);
    if (twin === -1) return row;
    return { ...row, kind: twin > index ? 'first' : 'second' };
  });
}

/** Where clocks jump ahead by an hour or more, the hours between stand as rows without time. Some
 * zones change at midnight: the day then begins at one o'clock. */
function withSkipped(rows: readonly DayHour[]): DayHour[] {
  let nextHour = 0;
  return rows.flatMap((row) => {
    const { startMs } = row;
    const skipped = Array.from({ length: Math.max(0, row.hour - nextHour) }, (_, index) => ({
      ...{ hour: nextHour + index, minute: 0, kind: 'skipped' as const },
      ...{ startMs, endMs: startMs },
    }));
    nextHour = row.hour + 1;
    return [...skipped, row];
  });
}

/** Where in its row a moment stands, 0 at the left and 1 at the right: rows show 60 minutes each,
 * shorter ones included, so that minutes stand below each other. */
export function placeInHour(row: DayHour, ms: number): number {
  const place = (row.minute * 60_000 + ms - row.startMs) / HOUR_MS;
  return Math.min(1, Math.max(0, place));
}

/** The moment at a place of a row; the inverse of `placeInHour`, kept within the row. */
export function momentAt(row: DayHour, place: number): number {
  const ms = row.startMs + Math.round(place * HOUR_MS) - row.minute * 60_000;
  return Math.min(Math.max(ms, row.startMs), Math.max(row.startMs, row.endMs - 1));
}
