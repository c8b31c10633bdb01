/**
 * Branded time types. A number that is a time says which clock it was read from and in which unit,
 * so that a wall-clock label can never be subtracted from a monotonic interval by accident.
 */

/** Milliseconds since 1970-01-01T00:00:00Z, from the wall clock: a label, never an interval. */
export type EpochMs = number & { readonly __unit: 'EpochMs' };

/** Milliseconds on a clock that never steps; only differences mean anything. */
export type MonotonicMs = number & { readonly __unit: 'MonotonicMs' };

/** Media time in units of the track's timescale (ISO/IEC 14496-12 8.4.2). */
export type Ticks = number & { readonly __unit: 'Ticks' };

/** Days since 1970-01-01, UTC: a day without summer time, for what is kept and forgotten by days. */
export type UtcDay = number & { readonly __unit: 'UtcDay' };

/** The length of every UTC day. */
export const UTC_DAY_MS = 86_400_000;

/** The UTC day that an instant lies in. */
export function utcDayOf(value: EpochMs): UtcDay {
  return Math.floor(value / UTC_DAY_MS) as UtcDay;
}

/** Brands a number as wall-clock milliseconds. */
export function epochMs(value: number): EpochMs {
  return value as EpochMs;
}

/** Brands a number as monotonic milliseconds. */
export function monotonicMs(value: number): MonotonicMs {
  return value as MonotonicMs;
}

/** Brands a number as media ticks. */
export function ticks(value: number): Ticks {
  return value as Ticks;
}

/** Media ticks as milliseconds; keeps the fraction, so callers round once, at the end. */
export function ticksToMs(value: number, timescale: number): number {
  return (value * 1000) / timescale;
}

/** A wall-clock instant as RFC 3339 in UTC with milliseconds, e.g. `2026-11-22T15:04:05.123Z`. */
export function toRfc3339(value: EpochMs): string {
  return new Date(value).toISOString();
}

const RFC3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Parses RFC 3339 section 5.6 `date-time`; undefined for anything else (a leap second included). */
export function parseRfc3339(text: string): EpochMs | undefined {
  if (!RFC3339.test(text)) return undefined;
  const value = Date.parse(text);
  if (Number.isNaN(value)) return undefined;
  // Date.parse rolls 30 February over to March; a day that moved was never a date.
  const day = Number(text.slice(8, 10));
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0));
  return day <= lastDay.getUTCDate() ? epochMs(value) : undefined;
}
