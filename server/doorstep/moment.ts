/** One moment in front of a camera: a ring, a visit. What it holds is dropped as a whole. */
import { randomBytes } from 'node:crypto';
import type { EpochMs, MonotonicMs } from '../base/time.ts';
import type { DoorstepKind } from '../contract/doorstep.ts';
import { buildInit, buildPart } from '../fmp4/part.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import type { HubMessage, StreamRun } from '../ingest/stream-run.ts';
import { type ArrivedFragment, bytesOf, type Stretch } from './recent-media.ts';

/** Ten seconds, halved. */
export const BEFORE_MS = 5_000;

/** See `BEFORE_MS`. */
export const AFTER_MS = 5_000;

/** So late it may be noticed and still have its five seconds before: a detector looks more than once. */
export const LATE_MS = 3_000;

/** Ten seconds and a GOP at 8 to 11 Mbit/s, which is 1440p; a camera that sends more has fewer seconds. */
export const MOMENT_MAX_BYTES = 16 * 1024 * 1024;

/** What happened, where and when. */
export interface Happening {
  readonly cameraId: string;
  readonly kind: DoorstepKind;
  readonly atMs: EpochMs;
  /** The same on the clock of the fragments' arrival. */
  readonly arrivedMs: MonotonicMs;
}

/** What is needed to decode the picture of a moment: frames from a key frame on, the last one is it. */
export interface MomentFrames {
  readonly run: StreamRun;
  readonly frames: readonly Fragment[];
}

/** See the head of this file. */
export class Moment {
  /** Random, 16 hex digits: says nothing. */
  readonly id = randomBytes(8).toString('hex');
  readonly happening: Happening;
  /** Ends what is done with it when it is forgotten. */
  readonly forgotten = new AbortController();
  #run: StreamRun | undefined;
  #fragments: ArrivedFragment[] = [];
  #bytes = 0;
  #isFull = false;
  /** Made when it is first asked for. */
  #jpeg: Buffer | undefined;

  constructor(happening: Happening, before: Stretch | undefined) {
    this.happening = happening;
    this.#run = before?.run;
    for (const message of before?.fragments ?? []) this.take(message);
  }

  get bytes(): number {
    return this.#bytes + (this.#jpeg?.length ?? 0);
  }

  get jpeg(): Buffer | undefined {
    return this.#jpeg;
  }

  /** Nothing more belongs to it. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** When its oldest frame arrived. */
  get sinceMs(): number {
    return Math.min(this.#fragments[0]?.arrivedMs ?? Infinity, this.happening.arrivedMs);
  }

  isForgotten(): boolean {
    return this.forgotten.signal.aborted;
  }

  /** Unless it was forgotten while the picture was made. */
  keepJpeg(jpeg: Buffer): void {
    if (!this.isForgotten()) this.#jpeg = jpeg;
  }

  /** Takes what came next from the camera. Frames of two runs do not fit into one clip: it ends where
   * another run begins, unless there was nothing yet. */
  take(message: HubMessage): void {
    if (this.#isFull) return;
    if (message.type === 'run') {
      this.#isFull = this.#fragments.length > 0;
      if (!this.#isFull) this.#run = message.run;
    }
    if (message.type !== 'fragment') return;
    const { fragment, arrivedMs } = message;
    const isLate = arrivedMs > this.happening.arrivedMs + AFTER_MS;
    if (isLate || this.#bytes + bytesOf(message) > MOMENT_MAX_BYTES) {
      this.#isFull = true;
    } else if (this.#fragments.length > 0 || (fragment.kind === 'video' && fragment.key)) {
      this.#fragments.push(message);
      this.#bytes += bytesOf(message);
    }
  }

  /** Up to the newest frame at the moment itself; where all came after it, the first one. */
  frames(): MomentFrames | undefined {
    const video = this.#fragments.filter(({ fragment }) => fragment.kind === 'video');
    if (this.#run === undefined || video.length === 0) return undefined;
    const later = video.findIndex(({ arrivedMs }) => arrivedMs > this.happening.arrivedMs);
    const end = later === -1 ? video.length : Math.max(1, later);
    const upTo = video.slice(0, end);
    const from = upTo.findLastIndex(({ fragment }) => fragment.key);
    return { run: this.#run, frames: upTo.slice(from).map(({ fragment }) => fragment) };
  }

  /** What there is of the ten seconds as a fragmented MP4 that begins at zero; more may follow it, and
   * then begins with the same bytes. Undefined where there is no picture. */
  clip(): Buffer[] | undefined {
    const run = this.#run;
    const first = this.#fragments[0]?.fragment;
    if (run === undefined || first === undefined) return undefined;
    const startS = first.decodeTimeTicks / run.video.timescale;
    const audioStart = Math.round(startS * (run.audio?.timescale ?? 1));
    const bytes = [buildInit(run.video, run.audio)];
    let sequenceNumber = 0;
    for (const { fragment } of this.#fragments) {
      const isVideo = fragment.kind === 'video';
      const decodeTimeTicks =
        fragment.decodeTimeTicks - (isVideo ? first.decodeTimeTicks : audioStart);
      // Sound of before the first picture.
      if (decodeTimeTicks < 0 || (!isVideo && run.audio === undefined)) continue;
      sequenceNumber += 1;
      const one = [{ ...fragment, decodeTimeTicks }];
      const content = isVideo ? { video: one, audio: [] } : { video: [], audio: one };
      bytes.push(...buildPart({ sequenceNumber, ...content }));
    }
    return bytes;
  }

  /** Lets go of everything. The bytes are the hub's and the recorder's as well: nothing is zeroed. */
  forget(): void {
    this.forgotten.abort();
    this.#run = undefined;
    this.#fragments = [];
    this.#bytes = 0;
    this.#jpeg = undefined;
    this.#isFull = true;
  }
}
