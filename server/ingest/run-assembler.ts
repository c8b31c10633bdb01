/**
 * Turns the tracks and fragments of one ffmpeg process into runs. Pure: bytes and times are
 * arguments. It decides when a run begins (at a key frame, with or without sound), where it lies in
 * time (docs/design/ingest.md, "Anchor"), and when what follows is another run.
 */
import { AppError } from '../base/errors.ts';
import { ticksToMs, type MonotonicMs } from '../base/time.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import { adoptParameterSets, hasPicture } from '../fmp4/parameter-sets.ts';
import type { AudioTrack, Track, VideoTrack } from '../fmp4/track.ts';
import { AnchoredRun, type Now } from './anchored-run.ts';
import type { HubMessage } from './stream-run.ts';

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

/** 6 s of sound in fragments of 40 ms, before a picture comes. */
const PENDING_MAX_FRAGMENTS = 160;

/** See the head of this file. */
export class RunAssembler {
  readonly #options: RunAssemblerOptions;
  #video: VideoTrack | undefined;
  /** ffmpeg describes AAC as the camera announced it, before any of it came. */
  #announcedAudio: AudioTrack | undefined;
  /** From the first sound on. A run with a track that stays empty could not be played: browsers wait
   * for both. */
  #audio: AudioTrack | undefined;
  #run: AnchoredRun | undefined;
  /** Fragments since the first key frame, while the run waits for its sound. */
  #pending: { fragment: Fragment; now: Now }[] = [];
  #pendingBytes = 0;
  #nextDecodeTicks = 0;
  #lastKeyMs: MonotonicMs | undefined;

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
    else this.#announcedAudio = track;
  }

  /**
   * Takes a fragment. Throws an AppError when the attempt must end: `no-key-frames`,
   * `clock-drift`, `network-too-slow`, `corrupt`.
   */
  onFragment(fragment: Fragment, now: Now): void {
    if (fragment.kind === 'audio') {
      this.#onAudio(fragment, now);
    } else {
      this.#onVideo(fragment, now);
    }
  }

  #onAudio(fragment: Fragment, now: Now): void {
    this.#audio ??= this.#announcedAudio;
    if (this.#run === undefined) {
      this.#hold(fragment, now);
    } else {
      this.#emit(fragment, now);
    }
  }

  #onVideo(fragment: Fragment, now: Now): void {
    const before = this.#video;
    if (before === undefined) throw corrupt('a fragment came before its track');
    if (!showsSomething(before, fragment)) return;
    this.#checkOrder(fragment);
    this.#checkKeyFrames(fragment, now);
    const video = fragment.key ? adopted(before, fragment) : before;
    // What is held for the sound still belongs to the format before.
    if (video !== before && this.#run === undefined) this.#begin(before);
    this.#video = video;
    const run = this.#run;
    if (run === undefined) {
      this.#beforeRun(video, fragment, now);
      return;
    }
    const isTrue = video !== run.video || run.keep(fragment, now);
    if (fragment.key) this.#perhapsAnew(run, isTrue, fragment, now);
    this.#emit(fragment, now);
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
    this.#pending.push({ fragment, now });
    this.#pendingBytes += fragment.bytes.length;
    if (this.#pending.some(isVideo)) {
      if (this.#pendingBytes > PENDING_MAX_BYTES && this.#video !== undefined) {
        this.#begin(this.#video);
      }
    } else if (
      this.#pendingBytes > PENDING_MAX_BYTES ||
      this.#pending.length > PENDING_MAX_FRAGMENTS
    ) {
      // Sound before any picture: the older half is what the picture will least go with.
      const forgotten = this.#pending.splice(0, Math.ceil(this.#pending.length / 2));
      for (const old of forgotten) this.#pendingBytes -= old.fragment.bytes.length;
    }
  }

  /** Begins the run with what is held; does nothing when no picture is. */
  #begin(video: VideoTrack): void {
    const first = this.#pending.find(isVideo);
    if (first === undefined) return;
    const held = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    const run = new AnchoredRun({ video, audio: this.#audio }, first.fragment, first.now);
    for (const entry of held) {
      if (isVideo(entry) && entry !== first) run.keep(entry.fragment, entry.now);
    }
    this.#run = run;
    this.#options.emit({ type: 'run', run });
    // The picture first: consumers begin with it, and would pass over the sound that ffmpeg gave out
    // before it. What ended before the picture goes with nothing.
    this.#emit(first.fragment, first.now);
    const startMs = ticksToMs(first.fragment.decodeTimeTicks, video.timescale);
    for (const entry of held) {
      const isOver = !isVideo(entry) && this.#audioEndMs(entry.fragment) < startMs;
      if (entry !== first && !isOver) this.#emit(entry.fragment, entry.now);
    }
  }

  #audioEndMs({ decodeTimeTicks, durationTicks }: Fragment): number {
    if (this.#audio === undefined) return Infinity;
    return ticksToMs(decodeTimeTicks + durationTicks, this.#audio.timescale);
  }

  /** Another run from this key frame on, without a new connection, when something calls for it. No
   * frame is lost. */
  #perhapsAnew(run: AnchoredRun, isTrue: boolean, fragment: Fragment, now: Now): void {
    const video = this.#video ?? run.video;
    const hasNewFormat = video !== run.video || (this.#audio !== undefined && !run.audio);
    if (isTrue && !hasNewFormat) return;
    const reason = hasNewFormat ? 'format-changed' : 'clock-drift';
    this.#options.emit({ type: 'end', reason, error: undefined });
    this.#run = new AnchoredRun({ video, audio: this.#audio }, fragment, now);
    this.#options.emit({ type: 'run', run: this.#run });
  }

  #emit(fragment: Fragment, now: Now): void {
    // Sound that came late waits for the run that has it.
    if (fragment.kind === 'audio' && this.#run?.audio === undefined) return;
    this.#options.emit({ type: 'fragment', fragment, arrivedMs: now.monotonicMs });
  }

  #checkKeyFrames(fragment: Fragment, now: Now): void {
    this.#lastKeyMs = fragment.key ? now.monotonicMs : (this.#lastKeyMs ?? now.monotonicMs);
    if (now.monotonicMs - this.#lastKeyMs > NO_KEY_FRAME_MS) {
      throw new AppError('unavailable', 'The camera never sends a whole picture to start from.', {
        reason: 'no-key-frames',
        hint: 'Set the camera to one key frame every one or two seconds, and switch “smart codec” off.',
      });
    }
  }

  #checkOrder(fragment: Fragment): void {
    if (fragment.decodeTimeTicks < this.#nextDecodeTicks) {
      throw corrupt('decode time went backwards');
    }
    this.#nextDecodeTicks = fragment.decodeTimeTicks + fragment.durationTicks;
  }
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

/** When a connection ends within a frame, ffmpeg gives out what it has of it: perhaps the parameter sets
 * alone, which would be a frame that cannot be decoded at the end of the run. */
function showsSomething(video: VideoTrack, fragment: Fragment): boolean {
  const first = fragment.samples[0];
  return first === undefined || hasPicture(video, fragment.payload.subarray(0, first.sizeBytes));
}

function isVideo(entry: { fragment: Fragment }): boolean {
  return entry.fragment.kind === 'video';
}

function corrupt(message: string): AppError {
  return new AppError('corrupt', message, { reason: 'corrupt' });
}
