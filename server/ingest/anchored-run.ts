/**
 * A run's place in time: where media time zero lies on the box's clock, and whether what follows
 * still agrees with it (docs/design/ingest.md, "Anchor"). Pure: times are arguments.
 */
import { AppError } from '../base/errors.ts';
import { epochMs, monotonicMs, ticksToMs, type EpochMs, type MonotonicMs } from '../base/time.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import type { AudioTrack, VideoTrack } from '../fmp4/track.ts';
import type { StreamRun } from './stream-run.ts';

/** Both clocks, read once when a chunk arrived. */
export interface Now {
  readonly wallMs: EpochMs;
  readonly monotonicMs: MonotonicMs;
}

/** The recorder writes after the first GOP or 2 s of media, whichever is first: by then the anchor
 * has to stand. */
const SETTLE_MS = 2_000;

/** Media time may be this far from the box's clock before the run is anchored anew. */
const DRIFT_MAX_MS = 1_000;

/** Drift is the smallest lateness seen in this window: one late burst is the network, not drift. */
const DRIFT_WINDOW_MS = 30_000;

/** Media time so far from the clock is no drift: ahead of it, ffmpeg's own timeline is broken; behind
 * it, so much waits on the way that only a new connection brings the present back. */
const BROKEN_MS = 10_000;

/** A server that stood still finds a backlog, and has read it within this time. */
const BACKLOG_MS = 2_000;

/** Begins with its first frame; `keep` takes the ones after it. */
export class AnchoredRun implements StreamRun {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  readonly #wallMinusMonotonicMs: number;
  readonly #startTicks: number;
  /** Monotonic time at media time zero; moves until it is settled. */
  #zeroMs: number;
  #settled = false;
  #windowStartMs: MonotonicMs;
  /** Smallest lateness in the window. */
  #windowMinMs = Infinity;
  /** Since when every frame is later than `BROKEN_MS`. */
  #farBehindSinceMs: MonotonicMs | undefined;

  constructor(
    tracks: { readonly video: VideoTrack; readonly audio: AudioTrack | undefined },
    first: Fragment,
    now: Now,
  ) {
    this.video = tracks.video;
    this.audio = tracks.audio;
    // Read once: a step of the wall clock during the first GOP must not move the anchor.
    this.#wallMinusMonotonicMs = now.wallMs - now.monotonicMs;
    this.#startTicks = first.decodeTimeTicks;
    this.#zeroMs = zeroAt(first, tracks.video, now.monotonicMs);
    this.#windowStartMs = now.monotonicMs;
  }

  get anchorMs(): EpochMs {
    return epochMs(Math.round(this.#zeroMs + this.#wallMinusMonotonicMs));
  }

  get anchorMonotonicMs(): MonotonicMs {
    return monotonicMs(this.#zeroMs);
  }

  /**
   * Takes the next frame of video: refines the anchor while it is not settled, afterwards compares.
   * False when media time has drifted and the run should be anchored anew at a key frame. Throws
   * `clock-drift` or `network-too-slow` when media time is broken.
   */
  keep(fragment: Fragment, now: Now): boolean {
    if (fragment.key) this.#settled = true;
    const zeroMs = zeroAt(fragment, this.video, now.monotonicMs);
    const latenessMs = zeroMs - this.#zeroMs;
    this.#checkBroken(latenessMs, now);
    if (!this.#settled) {
      // A frame can be late, never early: the earliest reading is the truest.
      this.#zeroMs = Math.min(this.#zeroMs, zeroMs);
      const endTicks = fragment.decodeTimeTicks + fragment.durationTicks;
      this.#settled = ticksToMs(endTicks - this.#startTicks, this.video.timescale) >= SETTLE_MS;
      return true;
    }
    this.#windowMinMs = Math.min(this.#windowMinMs, latenessMs);
    if (now.monotonicMs - this.#windowStartMs < DRIFT_WINDOW_MS) return true;
    // The window stays open until a key frame allows another run, or a frame in time closes it.
    if (Math.abs(this.#windowMinMs) > DRIFT_MAX_MS) return false;
    this.#windowStartMs = now.monotonicMs;
    this.#windowMinMs = Infinity;
    return true;
  }

  #checkBroken(latenessMs: number, now: Now): void {
    if (latenessMs <= BROKEN_MS) this.#farBehindSinceMs = undefined;
    else this.#farBehindSinceMs ??= now.monotonicMs;
    const behindForMs = now.monotonicMs - (this.#farBehindSinceMs ?? now.monotonicMs);
    if (latenessMs >= -BROKEN_MS && behindForMs <= BACKLOG_MS) return;
    // Pictures that are late and ever later: the way here is narrower than the picture.
    throw latenessMs > 0
      ? new AppError('unavailable', 'Pictures from the camera come too slowly.', {
          reason: 'network-too-slow',
        })
      : new AppError('unavailable', 'The camera’s time ran away from this box’s clock.', {
          reason: 'clock-drift',
        });
  }
}

/**
 * The monotonic time of media time zero as this frame has it: it arrived when its successor began,
 * because ffmpeg holds one frame to learn its length; so its end is "now" at the earliest.
 */
function zeroAt(fragment: Fragment, video: VideoTrack, arrivedMs: MonotonicMs): number {
  const endTicks = fragment.decodeTimeTicks + fragment.durationTicks;
  return arrivedMs - ticksToMs(endTicks, video.timescale);
}

/** How long after the moment that its media time stands for a frame of `run` arrived. */
export function latenessOf(fragment: Fragment, run: StreamRun, arrivedMs: MonotonicMs): number {
  return zeroAt(fragment, run.video, arrivedMs) - run.anchorMonotonicMs;
}
