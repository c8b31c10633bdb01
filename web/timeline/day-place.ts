/** Where the keyboard leads in the rows of a day. Pure. */
import { momentAt, placeInHour, type DayHour } from './day-hours.ts';

const MINUTE_MS = 60_000;

/** The row in which a moment lies; the nearest one when it lies outside the day. */
export function rowAt(rows: readonly DayHour[], ms: number): DayHour | undefined {
  const real = rows.filter(({ kind }) => kind !== 'skipped');
  return real.find(({ endMs }) => ms < endMs) ?? real.at(-1);
}

/**
 * Where a key leads from `ms`; undefined when the key is not ours. Newest rows are at the top: up is
 * an hour later. Left and right are minutes; Home and End the ends of the hour; the moment stays in
 * the day and before `latestMs`.
 */
export function placeAfterKey(
  key: string,
  ms: number,
  day: { readonly rows: readonly DayHour[]; readonly latestMs: number },
): number | undefined {
  const real = day.rows.filter(({ kind }) => kind !== 'skipped');
  const row = rowAt(real, ms);
  const first = real[0];
  const last = real.at(-1);
  if (row === undefined || first === undefined || last === undefined) return undefined;
  const index = real.indexOf(row);
  const kept = (to: number): number =>
    Math.max(first.startMs, Math.min(to, last.endMs - 1, day.latestMs));
  const inRow = (other: DayHour | undefined): number =>
    kept(other === undefined ? ms : momentAt(other, placeInHour(row, ms)));
  switch (key) {
    case 'ArrowUp':
      return inRow(real[index + 1]);
    case 'ArrowDown':
      return inRow(real[index - 1]);
    case 'ArrowLeft':
      return kept(ms - MINUTE_MS);
    case 'ArrowRight':
      return kept(ms + MINUTE_MS);
    case 'Home':
      return kept(row.startMs);
    case 'End':
      return kept(row.endMs - MINUTE_MS);
    default:
      return undefined;
  }
}
