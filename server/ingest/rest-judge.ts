/**
 * Whether a stream may be read in step (`server/base/read-pace.ts`). Between two ticks nothing is
 * acknowledged; a sender that waits for that falls behind by a bit with each tick, by seconds in a
 * minute. Such a one is read as it comes. Pure: times are arguments.
 */
import type { MonotonicMs } from '../base/time.ts';

/** The smallest lateness in it counts: one late burst is the network. Five ticks. */
const WINDOW_MS = 1_000;

/** Two ticks, at the camera's socket and at ffmpeg's pipe, are no falling behind. */
const LATE_MS = 450;

/** How long a late one is read as it comes before it is judged: it catches up at once, or never. */
const TRIAL_MS = 4_000;

/** One per run. */
export class RestJudge {
  #state: 'rests' | 'tried' | 'never' = 'rests';
  /** Of a camera that is in step: 0 by the anchor, more where its clock is slow. */
  #usualMs = 0;
  #windowStartMs: MonotonicMs | undefined;
  #windowMinMs = Infinity;
  #triedSinceMs = 0;
  #lateMs = 0;

  /** Whether it may wait for the next tick. */
  get mayRest(): boolean {
    return this.#state === 'rests';
  }

  /** A frame arrived, so long after the moment that its media time stands for. */
  add(latenessMs: number, nowMs: MonotonicMs): void {
    this.#windowStartMs ??= nowMs;
    this.#windowMinMs = Math.min(this.#windowMinMs, latenessMs);
    if (nowMs - this.#windowStartMs < WINDOW_MS) return;
    this.#judge(this.#windowMinMs, nowMs);
    this.#windowStartMs = nowMs;
    this.#windowMinMs = Infinity;
  }

  #judge(smallestMs: number, nowMs: MonotonicMs): void {
    this.#usualMs = Math.min(this.#usualMs, smallestMs);
    if (this.#state === 'rests' && smallestMs > this.#usualMs + LATE_MS) {
      this.#state = 'tried';
      this.#triedSinceMs = nowMs;
      this.#lateMs = smallestMs;
    } else if (this.#state === 'tried' && nowMs - this.#triedSinceMs >= TRIAL_MS) {
      const hasCaughtUp = smallestMs < this.#lateMs - LATE_MS / 2;
      this.#state = hasCaughtUp ? 'never' : 'rests';
      // What reading does not mend is the camera's clock, and will be mended by another anchor.
      if (!hasCaughtUp) this.#usualMs = smallestMs;
    }
  }
}
