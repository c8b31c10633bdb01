/**
 * The doorstep window: pictures, and the ten seconds around the last rings and visits, in memory for at
 * most ten minutes and never on a disk; for whoever may see live, locked or not. So a ring has its picture
 * after a power cut. docs/design/doorstep.md
 */
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { monotonicMs, toRfc3339, type EpochMs } from '../base/time.ts';
import { pictureFrom } from '../camera/take-picture.ts';
import type { DoorstepKind, DoorstepMoment } from '../contract/doorstep.ts';
import { CameraFollower, type FollowedCameras } from './camera-follower.ts';
import { AFTER_MS, BEFORE_MS, Moment } from './moment.ts';

/** A moment is gone when its oldest frame is so old. */
export const WINDOW_MS = 10 * 60_000;

/** More rings and visits than a household looks back at. */
export const MOMENTS_MAX = 20;

/** Of all moments together: nineteen of a camera with 4 Mbit/s. The oldest goes when it is more. */
export const MOMENTS_MAX_BYTES = 96 * 1024 * 1024;

/** Of the last seconds of one camera: eight and a GOP of two at 6.7 Mbit/s. */
export const RECENT_MAX_BYTES = 8 * 1024 * 1024;

/** Of the last seconds of all cameras together: with more than sixteen of them each has less. */
export const RECENT_TOTAL_MAX_BYTES = 128 * 1024 * 1024;

/** What it is made of. */
export interface DoorstepWindowParts {
  readonly cameras: FollowedCameras;
  readonly clock: Clock;
  readonly log: Log;
  readonly ffmpegPath: string;
}

/** All that those who notice rings and visits need of it. */
export interface DoorstepPort {
  /** Keeps what a camera saw from 5 s before `atMs` to 5 s after it. Answers the moment's name; undefined
   * where nothing of it is in memory any more, or the camera is not there. */
  remember(cameraId: string, atMs: EpochMs, kind: DoorstepKind): string | undefined;
}

/** See the head of this file. */
export class DoorstepWindow implements DoorstepPort {
  readonly #parts: DoorstepWindowParts;
  readonly #followers = new Map<string, { follower: CameraFollower; done: Promise<void> }>();
  /** In the order in which they were remembered. */
  readonly #moments = new Map<string, Moment>();
  #expiry: Timer | undefined;
  /** One picture is made at a time: who opens the list asks for twenty. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(parts: DoorstepWindowParts) {
    this.#parts = parts;
  }

  /** What it holds, in bytes; frames that two of its parts share are counted twice. */
  get heldBytes(): number {
    let bytes = this.#momentBytes();
    for (const { follower } of this.#followers.values()) bytes += follower.recent.bytes;
    return bytes;
  }

  /** Keeps the last seconds of a camera from now on, until it is removed. */
  follow(cameraId: string): void {
    if (this.#stopped || this.#followers.has(cameraId)) return;
    const { cameras, clock, log } = this.#parts;
    const follower = new CameraFollower({
      ...{ cameraId, cameras, clock },
      maxBytes: () => Math.min(RECENT_MAX_BYTES, RECENT_TOTAL_MAX_BYTES / this.#followers.size),
      onMessage: (message) => {
        for (const moment of this.#moments.values()) {
          if (moment.happening.cameraId === cameraId) moment.take(message);
        }
        this.#dropBeyond();
      },
      onRemoved: () => {
        this.#dropOf(cameraId);
      },
    });
    const done = follower
      .run()
      .catch((thrown: unknown) => {
        // A defect here must not end a recording.
        log.error(
          { camera: cameraId, ...errorFields(thrown) },
          'the doorstep window lost a camera',
        );
      })
      .finally(() => {
        this.#followers.delete(cameraId);
      });
    this.#followers.set(cameraId, { follower, done });
  }

  remember(cameraId: string, atMs: EpochMs, kind: DoorstepKind): string | undefined {
    const { clock } = this.#parts;
    const follower = this.#followers.get(cameraId)?.follower;
    if (follower === undefined || this.#stopped) return undefined;
    const nowMs = clock.monotonicMs();
    // Both clocks are read now: a step of the wall clock before or after this moves nothing.
    const arrivedMs = monotonicMs(Math.min(nowMs, nowMs - (clock.wallMs() - atMs)));
    const before = follower.recent.since(arrivedMs - BEFORE_MS);
    const moment = new Moment({ cameraId, kind, atMs, arrivedMs }, before);
    const isPast = arrivedMs + AFTER_MS < nowMs;
    if (isPast && moment.frames() === undefined) return undefined;
    this.#moments.set(moment.id, moment);
    this.#dropBeyond();
    this.#expire();
    return moment.id;
  }

  /** Newest first. */
  list(): DoorstepMoment[] {
    return [...this.#moments.values()]
      .map(({ id, happening: { cameraId, atMs, kind } }) => ({
        ...{ id, camera: cameraId, at: toRfc3339(atMs), kind },
      }))
      .reverse();
  }

  /** The frame of the moment itself as a JPEG, made when it is first asked for. `not-found` when the
   * moment is gone, `unavailable` when the camera sent nothing around it. */
  async picture(id: string): Promise<Buffer> {
    const moment = this.#moment(id);
    const turn = this.#turn.then(() => this.#pictureOf(moment));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** What there is of the ten seconds, as a fragmented MP4. Errors as of `picture`. */
  clip(id: string): Buffer {
    const clip = this.#moment(id).clip();
    if (clip === undefined) throw nothingSeen();
    return Buffer.concat(clip);
  }

  /** Forgets everything; resolves when it holds no camera any more. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const id of [...this.#moments.keys()]) this.#drop(id);
    this.#expire();
    const followers = [...this.#followers.values()];
    for (const { follower } of followers) follower.stop();
    await Promise.all(followers.map(({ done }) => done));
    await this.#turn;
  }

  async #pictureOf(moment: Moment): Promise<Buffer> {
    const { clock, ffmpegPath } = this.#parts;
    if (moment.isForgotten()) throw gone();
    if (moment.jpeg !== undefined) return moment.jpeg;
    const seen = moment.frames();
    if (seen === undefined) throw nothingSeen();
    try {
      const { jpeg } = await pictureFrom(seen, { clock, ffmpegPath }, moment.forgotten.signal);
      moment.keepJpeg(jpeg);
      this.#dropBeyond();
      return jpeg;
    } catch (thrown) {
      throw moment.isForgotten() ? gone() : thrown;
    }
  }

  #moment(id: string): Moment {
    const moment = this.#moments.get(id);
    if (moment === undefined) throw gone();
    return moment;
  }

  #momentBytes(): number {
    let bytes = 0;
    for (const moment of this.#moments.values()) bytes += moment.bytes;
    return bytes;
  }

  /** The oldest go where there are too many, and where they take too much. */
  #dropBeyond(): void {
    for (const id of [...this.#moments.keys()]) {
      const isTooMuch = this.#moments.size > MOMENTS_MAX || this.#momentBytes() > MOMENTS_MAX_BYTES;
      if (!isTooMuch) return;
      this.#drop(id);
    }
  }

  #dropOf(cameraId: string): void {
    for (const [id, { happening }] of [...this.#moments]) {
      if (happening.cameraId === cameraId) this.#drop(id);
    }
  }

  #drop(id: string): void {
    this.#moments.get(id)?.forget();
    this.#moments.delete(id);
  }

  /** Drops what is too old now, and sets the timer for the next. */
  #expire(): void {
    this.#expiry?.cancel();
    this.#expiry = undefined;
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    for (const [id, { sinceMs }] of [...this.#moments]) {
      if (nowMs >= sinceMs + WINDOW_MS) this.#drop(id);
    }
    if (this.#moments.size === 0) return;
    const nextMs = Math.min(...[...this.#moments.values()].map(({ sinceMs }) => sinceMs));
    this.#expiry = clock.setTimer(Math.max(1, nextMs + WINDOW_MS - nowMs), () => {
      this.#expire();
    });
  }
}

function gone(): AppError {
  return new AppError('not-found', 'This moment is no longer in memory.', {
    hint: 'Unlock with your password and look at the past.',
  });
}

function nothingSeen(): AppError {
  return new AppError('unavailable', 'The camera sent no picture around this moment.', {
    reason: 'no-picture',
    hint: 'Its state says why; Doorkeep keeps trying.',
  });
}
