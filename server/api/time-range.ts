/** A range of time as it comes in a request. */
import { AppError } from '../base/errors.ts';
import { parseRfc3339, type EpochMs } from '../base/time.ts';

/** From is included, to is not. */
export interface TimeRange {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

/** Reads `from` and `to`; `invalid` when one is no instant, or nothing lies between them. The schema
 * has checked the form; this knows that there is no 30 February. */
export function timeRange({ from, to }: { from: string; to: string }): TimeRange {
  const fromMs = parseRfc3339(from);
  const toMs = parseRfc3339(to);
  if (fromMs === undefined) throw notAnInstant('from');
  if (toMs === undefined) throw notAnInstant('to');
  if (fromMs >= toMs) {
    throw new AppError('invalid', 'The range ends before it begins.', {
      hint: 'Send a `to` that is later than `from`.',
    });
  }
  return { fromMs, toMs };
}

function notAnInstant(name: string): AppError {
  return new AppError('invalid', `The field "${name}" is not a date and time.`, {
    hint: 'Write it as RFC 3339, for example 2026-11-22T15:04:05Z.',
  });
}
