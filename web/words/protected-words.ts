/** Protected stretches, in words. Pure but for the zone. */
import { clockTime, dayName, exactTime } from './time-words.ts';

/** In milliseconds since 1970. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Said once it is done, beside the way back: what was protected. */
export function protectedWords(span: Span, nowMs: number): string {
  return `${shortRange(span, nowMs)} is protected.`;
}

/** Said once the protection is off, beside the way back. */
export function unprotectedWords(span: Span, nowMs: number): string {
  return `${shortRange(span, nowMs)} is no longer protected.`;
}

/** So short a stretch would begin and end at the same minute, or nearly. */
const SECONDS_MATTER_MS = 120_000;

/** "14:02 to 14:07", with the day when it was not today. */
function shortRange({ fromMs, toMs }: Span, nowMs: number): string {
  const day = dayName(fromMs, nowMs);
  const time = toMs - fromMs < SECONDS_MATTER_MS ? exactTime : clockTime;
  const times = `${time(fromMs)} to ${time(toMs)}`;
  return day === 'Today' ? times : `${day}, ${times}`;
}
