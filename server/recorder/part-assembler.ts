/**
 * Groups the fragments of one run into parts. A part ends at the next key frame or after 2 s of
 * media, whichever is first; sound goes into the part that is open when it arrives. Pure.
 */
import { ticksToMs } from '../base/time.ts';
import type { Fragment } from '../fmp4/fragment.ts';

/** What is not durable yet is lost when the power fails; so much a household may miss. */
export const PART_MAX_MS = 2_000;

/** A part is held in memory until it is written: 2 s of a 32 Mbit/s camera. */
const PART_MAX_BYTES = 8 * 1024 * 1024;

/** What one durable append is made of. */
export interface MediaPart {
  readonly video: readonly Fragment[];
  readonly audio: readonly Fragment[];
  /** It begins with a key frame. */
  readonly key: boolean;
  /** Media time of its first frame since the run's start, in ms with fraction. */
  readonly startMs: number;
  /** End of its last frame, from sample durations; likewise. */
  readonly endMs: number;
  /** Payload of all fragments. */
  readonly sizeBytes: number;
  readonly frames: number;
  /** Longest distance of two key frames of the run so far; undefined before the second one. */
  readonly longestGopMs: number | undefined;
}

/** See the head of this file. One per run. */
export class PartAssembler {
  readonly #timescale: number;
  #video: Fragment[] = [];
  #audio: Fragment[] = [];
  #sizeBytes = 0;
  #startTicks = 0;
  #endTicks = 0;
  #lastKeyTicks: number | undefined;
  #longestGopTicks: number | undefined;
  #waitsForKey = true;
  /** Video frames that came while a key frame was awaited. */
  skippedFrames = 0;

  /** `timescale` of the run's video. */
  constructor(timescale: number) {
    this.#timescale = timescale;
  }

  /** Takes a fragment and answers with the part that it completes, before it or with it: none, one,
   * or (a long frame behind a key frame) two. */
  push(fragment: Fragment): MediaPart[] {
    if (this.#waitsForKey && !(fragment.kind === 'video' && fragment.key)) {
      if (fragment.kind === 'video') this.skippedFrames += fragment.samples.length;
      return [];
    }
    this.#waitsForKey = false;
    return fragment.kind === 'video' ? this.#pushVideo(fragment) : this.#pushAudio(fragment);
  }

  /** Completes what is pending, at the end of the run. Sound that was still on its way when the last
   * picture was written belongs to pictures that are there, so it makes a part without any. */
  flush(): MediaPart | undefined {
    if (this.#video.length > 0 || this.#audio.length === 0) return this.#complete();
    this.#startTicks = this.#endTicks;
    return this.#take();
  }

  /** Forgets what is pending and waits for the next key frame; answers how many frames that cost. */
  abandon(): number {
    const frames = countFrames(this.#video);
    this.#clear();
    this.#waitsForKey = true;
    return frames;
  }

  #complete(): MediaPart | undefined {
    return this.#video.length === 0 ? undefined : this.#take();
  }

  #take(): MediaPart {
    const gopTicks = this.#longestGopTicks;
    const part: MediaPart = {
      video: this.#video,
      audio: this.#audio,
      key: this.#video[0]?.key ?? false,
      startMs: this.#toMs(this.#startTicks),
      endMs: this.#toMs(this.#endTicks),
      sizeBytes: this.#sizeBytes,
      frames: countFrames(this.#video),
      longestGopMs: gopTicks === undefined ? undefined : this.#toMs(gopTicks),
    };
    this.#clear();
    return part;
  }

  #pushVideo(fragment: Fragment): MediaPart[] {
    const parts: MediaPart[] = [];
    if (fragment.key) {
      addPart(parts, this.#complete());
      this.#noteKey(fragment.decodeTimeTicks);
    }
    if (this.#video.length === 0) this.#startTicks = fragment.decodeTimeTicks;
    this.#video.push(fragment);
    this.#sizeBytes += fragment.payload.length;
    this.#endTicks = fragment.decodeTimeTicks + fragment.durationTicks;
    const isLong = this.#toMs(this.#endTicks - this.#startTicks) >= PART_MAX_MS;
    if (isLong || this.#sizeBytes >= PART_MAX_BYTES) addPart(parts, this.#complete());
    return parts;
  }

  /** Sound between two parts waits for the picture that follows: a part begins with a frame. */
  #pushAudio(fragment: Fragment): MediaPart[] {
    this.#audio.push(fragment);
    this.#sizeBytes += fragment.payload.length;
    if (this.#sizeBytes < PART_MAX_BYTES) return [];
    const parts: MediaPart[] = [];
    if (this.#video.length > 0) addPart(parts, this.#complete());
    // 8 MiB of sound without a single frame is not a camera's doing; it is let go.
    else this.#clear();
    return parts;
  }

  #noteKey(decodeTimeTicks: number): void {
    if (this.#lastKeyTicks !== undefined) {
      const gopTicks = decodeTimeTicks - this.#lastKeyTicks;
      this.#longestGopTicks = Math.max(this.#longestGopTicks ?? 0, gopTicks);
    }
    this.#lastKeyTicks = decodeTimeTicks;
  }

  #clear(): void {
    this.#video = [];
    this.#audio = [];
    this.#sizeBytes = 0;
  }

  #toMs(value: number): number {
    return ticksToMs(value, this.#timescale);
  }
}

function addPart(parts: MediaPart[], part: MediaPart | undefined): void {
  if (part !== undefined) parts.push(part);
}

function countFrames(video: readonly Fragment[]): number {
  return video.reduce((sum, fragment) => sum + fragment.samples.length, 0);
}
