/** What one connection to one camera stream produces, as every consumer sees it. */
import type { MonotonicMs, EpochMs } from '../base/time.ts';
import type { AppError } from '../base/errors.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import type { AudioTrack, VideoTrack } from '../fmp4/track.ts';

/** Why a run ended; becomes the reason of the gap that follows. */
export type RunEndReason =
  | 'unreachable'
  | 'wrong-password'
  | 'not-found'
  | 'refused'
  | 'redirected'
  | 'stalled'
  | 'disconnected'
  | 'network-too-slow'
  | 'no-video'
  | 'no-key-frames'
  | 'unsupported-codec'
  | 'format-changed'
  | 'corrupt'
  | 'clock-drift'
  | 'disabled'
  | 'removed'
  | 'stopped'
  | 'internal';

/** The start of a run: its tracks and its place in time. */
export interface StreamRun {
  readonly video: VideoTrack;
  /** Undefined when sound is off, is not there, or has not begun: then a later run brings it. */
  readonly audio: AudioTrack | undefined;
  /** Wall clock at media time zero. Refined while the first GOP is in memory, then fixed. */
  readonly anchorMs: EpochMs;
  /** The same instant on the monotonic clock, which never steps. */
  readonly anchorMonotonicMs: MonotonicMs;
}

/** What a subscriber of the hub receives, in order. */
export type HubMessage =
  | { readonly type: 'run'; readonly run: StreamRun }
  | { readonly type: 'fragment'; readonly fragment: Fragment; readonly arrivedMs: MonotonicMs }
  | { readonly type: 'end'; readonly reason: RunEndReason; readonly error: AppError | undefined };
