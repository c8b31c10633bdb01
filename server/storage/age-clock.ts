/**
 * The time that footage ages by. A wrong clock must not empty a disk: a time that jumped is believed
 * only when it has stood for a day. Pure: the clocks' readings come in. docs/design/storage.md, "Age".
 */
import type { EpochMs, MonotonicMs } from '../base/time.ts';

/** What the wall clock may move against the monotonic one between two looks: a household that sets
 * it by hand is off by less. A larger step is a jump. */
const STEP_MAX_MS = 60 * 60 * 1000;

/** A box that was off for longer than this, or whose clock is: both look the same at the start. */
const AHEAD_MAX_MS = 7 * 24 * 60 * 60 * 1000;

/** So long a jump has to stand: somebody looks at the page, or NTP puts it right, within a day. */
const SETTLE_MS = 24 * 60 * 60 * 1000;

/** What is known at a look. */
export interface ClockReading {
  readonly wallMs: EpochMs;
  readonly monotonicMs: MonotonicMs;
  /** End of the newest footage of all cameras; undefined when there is none. */
  readonly newestMs: EpochMs | undefined;
  /** What other ways of knowing the time say of the wall clock. */
  readonly isTrusted: boolean;
}

/** One per server; see the head of this file. */
export class AgeClock {
  /** Wall clock less monotonic clock at the last look. */
  #offsetMs: number | undefined;
  #doubtedAtMs: number | undefined;

  /** The time to age by; undefined while it is not certain. */
  look({ wallMs, monotonicMs, newestMs, isTrusted }: ClockReading): EpochMs | undefined {
    const offsetMs = wallMs - monotonicMs;
    const isJump =
      this.#offsetMs === undefined
        ? newestMs !== undefined && wallMs - newestMs > AHEAD_MAX_MS
        : Math.abs(offsetMs - this.#offsetMs) > STEP_MAX_MS;
    this.#offsetMs = offsetMs;
    if (isJump) this.#doubtedAtMs = monotonicMs;
    const isDoubted =
      this.#doubtedAtMs !== undefined && monotonicMs - this.#doubtedAtMs < SETTLE_MS;
    return isDoubted || !isTrusted ? undefined : wallMs;
  }
}
