/**
 * Turns the tracks and fragments of one ffmpeg process into runs. Pure: bytes and times are
 * arguments. It decides when a run begins (at a key frame, with or without sound), where it lies in
 * time (docs/design/ingest.md, "Anchor"), and when what follows is another run.
 */
import { AppError } from '../base/errors.ts';
import { epochMs, ticksToMs, type EpochMs, type MonotonicMs } from '../base/time.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import { adoptParameterSets } from '../fmp4/parameter-sets.ts';
import type { AudioTrack, Track, VideoTrack } from '../fmp4/track.ts';
import type { HubMessage, StreamRun } from './stream-run.ts';

/** Both clocks, read once when a chunk arrived. */
export interface Now {
  readonly wallMs: EpochMs;
  readonly monotonicMs: MonotonicMs;
}

/** What the assembler is told about the stream. */
export interface RunAssemblerOptions {
  /** The camera announced sound and the owner switched it on. */
  readonly expectSound: boolean;
  /** Receives the messages in order. */
  readonly emit: (message: HubMessage) => void;
}

/** A run waits this long for announced sound; sound that comes later begins another run. */
export const SOUND_GRACE_MS = 1_500;

/** Without a key frame for so long nothing can be shown or cut; the camera is asked again. */
export const NO_KEY_FRAME_MS = 30_000;

/** What may wait for the sound: 1.5 s of a 40 Mbit/s camera, with room. */
const PENDING_MAX_BYTES = 16 * 1024 * 1024;

/** 6 s of sound in fragments of 100 ms, before a picture comes. */
const PENDING_MAX_FRAGMENTS = 64;

/** Media time may be this far from the box's clock before the run is anchored anew. */
const DRIFT_MAX_MS = 1_000;

/** Drift is the smallest lateness seen in this window: one late burst is the network, not drift. */
const DRIFT_WINDOW_MS = 30_000;

/** A step of media time so large that ffmpeg's own timeline is broken: the attempt ends. */
const STEP_MAX_MS = 10_000;

/** The run as consumers hold it; the anchor moves while the first GOP is in memory. */
class AnchoredRun implements StreamRun {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  readonly #wallMinusMonotonicMs: number;
  /** Monotonic time at media time zero. */
  zeroMonotonicMs: number;

  constructor(video: VideoTrack, audio: AudioTrack | undefined, now: Now, zeroMonotonicMs: number) {
    this.video = video;
    this.audio = audio;
    // Read once: a step of the wall clock during the first GOP must not move the anchor.
    this.#wallMinusMonotonicMs = now.wallMs - now.monotonicMs;
    this.zeroMonotonicMs = zeroMonotonicMs;
  }

  get anchorMs(): EpochMs {
    return epochMs(Math.round(this.zeroMonotonicMs + this.#wallMinusMonotonicMs));
  }
}

/** See the head of this file. */
export class RunAssembler {
  readonly #options: RunAssemblerOptions;
  #video: VideoTrack | undefined;
  #audio: AudioTrack | undefined;
  #run: AnchoredRun | undefined;
  /** Fragments since the first key frame, while the run waits for its sound. */
  #pending: { fragment: Fragment; now: Now }[] = [];
  #pendingBytes = 0;
  #anchorFixed = false;
  #nextDecodeTicks = 0;
  #lastKeyMs: MonotonicMs | undefined;
  /** Smallest lateness of the current and of the previous window, in ms. */
  #windowStartMs = 0;
  #windowMinMs = Infinity;

  constructor(options: RunAssemblerOptions) {
    this.#options = options;
  }

  /** True from the first fragment of the first run on. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Takes the track of an init segment. */
  onTrack(track: Track): void {
    if (track.kind === 'video') this.#video = track;
    else this.#audio = track;
  }

  /**
   * Takes a fragment. Throws an AppError when the attempt must end: `no-key-frames`,
   * `clock-drift`, `corrupt`.
   */
  onFragment(fragment: Fragment, now: Now): void {
    if (fragment.kind === 'audio') {
      this.#onAudio(fragment, now);
    } else {
      this.#onVideo(fragment, now);
    }
  }

  #onAudio(fragment: Fragment, now: Now): void {
    if (this.#run === undefined) {
      this.#hold(fragment, now);
    } else {
      this.#emitFragment(fragment, now);
    }
  }

  #onVideo(fragment: Fragment, now: Now): void {
    if (this.#video === undefined) throw corrupt('a fragment came before its track');
    this.#checkKeyFrames(fragment, now);
    const video = fragment.key ? adopted(this.#video, fragment) : this.#video;
    const changed = video !== this.#video;
    this.#video = video;
    const run = this.#run;
    if (run === undefined) {
      this.#beforeRun(video, fragment, now);
      return;
    }
    this.#checkOrder(fragment);
    if (changed) {
      this.#runAnew(video, 'format-changed', fragment, now);
      this.#emitFragment(fragment, now);
      return;
    }
    this.#keepTime(run, fragment, now);
    this.#emitFragment(fragment, now);
  }

  /** Until the run begins: hold from the first key frame on, begin when the sound is settled. */
  #beforeRun(video: VideoTrack, fragment: Fragment, now: Now): void {
    const first = this.#pending.find(isVideo);
    if (first === undefined && !fragment.key) return;
    this.#hold(fragment, now);
    const settled = !this.#options.expectSound || this.#audio !== undefined;
    const waited = first === undefined ? 0 : now.monotonicMs - first.now.monotonicMs;
    if (settled || waited >= SOUND_GRACE_MS) this.#begin(video);
  }

  #hold(fragment: Fragment, now: Now): void {
    // ffmpeg gives the first sound out before the first picture; without a picture it is forgotten.
    if (this.#pending.length >= PENDING_MAX_FRAGMENTS && !this.#pending.some(isVideo)) {
      this.#pending = [];
      this.#pendingBytes = 0;
    }
    this.#pending.push({ fragment, now });
    this.#pendingBytes += fragment.bytes.length;
    if (this.#pendingBytes > PENDING_MAX_BYTES && this.#video !== undefined) {
      this.#begin(this.#video);
    }
  }

  #begin(video: VideoTrack): void {
    const first = this.#pending.find(isVideo);
    if (first === undefined) return;
    const held = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    const run = new AnchoredRun(
      video,
      this.#audio,
      first.now,
      zeroAt(first.fragment, video, first.now),
    );
    for (const { fragment, now } of held) {
      if (fragment.kind === 'video') refineAnchor(run, fragment, now);
    }
    this.#run = run;
    this.#anchorFixed = held.filter((entry) => entry.fragment.key && isVideo(entry)).length > 1;
    this.#windowStartMs = first.now.monotonicMs;
    this.#windowMinMs = Infinity;
    this.#options.emit({ type: 'run', run });
    for (const { fragment, now } of held) this.#emitFragment(fragment, now);
  }

  #emitFragment(fragment: Fragment, now: Now): void {
    if (fragment.kind === 'video') {
      this.#nextDecodeTicks = fragment.decodeTimeTicks + fragment.durationTicks;
    } else if (this.#run?.audio === undefined) {
      return;
    }
    this.#options.emit({ type: 'fragment', fragment, arrivedMs: now.monotonicMs });
  }

  #checkKeyFrames(fragment: Fragment, now: Now): void {
    this.#lastKeyMs = fragment.key ? now.monotonicMs : (this.#lastKeyMs ?? now.monotonicMs);
    if (now.monotonicMs - this.#lastKeyMs > NO_KEY_FRAME_MS) {
      throw new AppError('unavailable', 'the camera sends no key frames', {
        reason: 'no-key-frames',
        hint: 'Set the camera to one key frame every one or two seconds, and switch “smart codec” off.',
      });
    }
  }

  #checkOrder(fragment: Fragment): void {
    if (fragment.decodeTimeTicks < this.#nextDecodeTicks) {
      throw corrupt('decode time went backwards');
    }
  }

  /** Refines the anchor in the first GOP, then watches that media time stays true. */
  #keepTime(run: AnchoredRun, fragment: Fragment, now: Now): void {
    if (fragment.key) this.#anchorFixed = true;
    if (!this.#anchorFixed) {
      refineAnchor(run, fragment, now);
      return;
    }
    const latenessMs = zeroAt(fragment, run.video, now) - run.zeroMonotonicMs;
    if (latenessMs < -STEP_MAX_MS) {
      throw new AppError('unavailable', 'the camera’s media time jumped', {
        reason: 'clock-drift',
      });
    }
    this.#windowMinMs = Math.min(this.#windowMinMs, latenessMs);
    const windowOver = now.monotonicMs - this.#windowStartMs >= DRIFT_WINDOW_MS;
    const soundCame = this.#audio !== undefined && run.audio === undefined;
    if (fragment.key && (soundCame || (windowOver && Math.abs(this.#windowMinMs) > DRIFT_MAX_MS))) {
      this.#runAnew(run.video, soundCame ? 'format-changed' : 'clock-drift', fragment, now);
    } else if (windowOver) {
      this.#windowStartMs = now.monotonicMs;
      this.#windowMinMs = Infinity;
    }
  }

  /** Another run from this key frame on, without a new connection: no frame is lost. */
  #runAnew(
    video: VideoTrack,
    reason: 'format-changed' | 'clock-drift',
    fragment: Fragment,
    now: Now,
  ): void {
    this.#options.emit({ type: 'end', reason, error: undefined });
    const run = new AnchoredRun(video, this.#audio, now, zeroAt(fragment, video, now));
    this.#run = run;
    this.#anchorFixed = false;
    this.#windowStartMs = now.monotonicMs;
    this.#windowMinMs = Infinity;
    this.#options.emit({ type: 'run', run });
  }
}

/**
 * The monotonic time of media time zero as this frame has it: it arrived when its successor began,
 * because ffmpeg holds one frame to learn its length; so its end is "now" at the earliest.
 */
function zeroAt(fragment: Fragment, video: VideoTrack, now: Now): number {
  const endTicks = fragment.decodeTimeTicks + fragment.durationTicks;
  return now.monotonicMs - ticksToMs(endTicks, video.timescale);
}

/**
 * ffmpeg does not notice a new picture size: the parameter sets inside a key frame tell. Some cameras
 * announce others than they send, from the first frame on. The same object when nothing differs.
 */
function adopted(video: VideoTrack, fragment: Fragment): VideoTrack {
  const first = fragment.samples[0];
  if (first === undefined) return video;
  return adoptParameterSets(video, fragment.payload.subarray(0, first.sizeBytes));
}

/** A frame can be late, never early: the earliest reading is the truest. */
function refineAnchor(run: AnchoredRun, fragment: Fragment, now: Now): void {
  run.zeroMonotonicMs = Math.min(run.zeroMonotonicMs, zeroAt(fragment, run.video, now));
}

function isVideo(entry: { fragment: Fragment }): boolean {
  return entry.fragment.kind === 'video';
}

function corrupt(message: string): AppError {
  return new AppError('corrupt', message, { reason: 'corrupt' });
}
