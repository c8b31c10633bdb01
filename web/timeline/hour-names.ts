/** What a row of the day is called, to the eye and to the ear. Pure but for the zone. */
import type { DayHour } from './day-hours.ts';
import type { Stretch } from './stretches.ts';

const MINUTE_MS = 60_000;

/** "14:00", or what the language has. An hour that never was is named as if it had been. */
export function hourName({ hour, minute }: DayHour): string {
  return new Intl.DateTimeFormat(undefined, {
    ...{ hour: '2-digit', minute: '2-digit', timeZone: 'UTC' },
  }).format((hour * 60 + minute) * MINUTE_MS);
}

/** Which of the two, where a clock change repeats the hour; empty where it does not. */
export function runOfHour({ kind }: DayHour): string {
  if (kind === 'first') return '1st time';
  return kind === 'second' ? '2nd time' : '';
}

/** "14:00, recorded 52 of 60 minutes". */
export function hourLabel(row: DayHour, stretches: readonly Stretch[] | undefined): string {
  const run = runOfHour(row);
  const name = run === '' ? hourName(row) : `${hourName(row)}, ${run}`;
  if (row.kind === 'skipped') return `${name}, skipped: clocks went forward`;
  if (stretches === undefined) return name;
  const total = minutes(row.endMs - row.startMs);
  const recorded = stretches.filter(({ kind }) => kind === 'recorded');
  const ms = recorded.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const whole = ms === row.endMs - row.startMs;
  // 59.9 minutes are not the whole hour, and a second is not nothing.
  const shown = ms > 0 && !whole ? Math.min(Math.max(minutes(ms), 1), total - 1) : minutes(ms);
  if (shown === 0) return `${name}, nothing recorded`;
  return `${name}, recorded ${String(shown)} of ${String(total)} minutes`;
}

function minutes(ms: number): number {
  return Math.round(ms / MINUTE_MS);
}
