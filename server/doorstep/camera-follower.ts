/** Follows one camera's main stream, through all of its restarts, and keeps its last seconds. */
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { CameraWatch, CameraWatcher } from '../camera/camera-watch.ts';
import type { StreamName } from '../contract/live.ts';
import type { Hub, Subscription } from '../ingest/hub.ts';
import type { HubMessage } from '../ingest/stream-run.ts';
import { BEFORE_MS, LATE_MS } from './moment.ts';
import { RecentMedia } from './recent-media.ts';

/** Where cameras are found; the registry of cameras is one. */
export interface FollowedCameras {
  /** `not-found` for a camera that is not there. */
  watch(id: string, wanted: StreamName, watcher: CameraWatcher): CameraWatch;
}

/** Nothing here waits, so nothing queues; should it all the same, it begins again at the next key frame.
 * As much as the hub gives at once, which is its GOP. */
const LIMITS = { maxItems: 4_000, maxBytes: 40 * 1024 * 1024 };

/** After a run's end its last seconds are of use to a ring that comes just behind it, and no longer. */
const AFTER_END_MS = 10_000;

/** What it is made of. */
export interface CameraFollowerParts {
  readonly cameraId: string;
  readonly cameras: FollowedCameras;
  readonly clock: Clock;
  /** How much the last seconds may take now. */
  readonly maxBytes: () => number;
  /** After it was taken into `recent`. */
  readonly onMessage: (message: HubMessage) => void;
  readonly onRemoved: () => void;
}

/** See the head of this file. */
export class CameraFollower {
  readonly recent = new RecentMedia(BEFORE_MS + LATE_MS);
  readonly #parts: CameraFollowerParts;
  #subscription: Subscription<'lossless-or-abort'> | undefined;
  #hub: Hub | undefined;
  #wake: (() => void) | undefined;
  #ended = false;
  #ending: Timer | undefined;

  constructor(parts: CameraFollowerParts) {
    this.#parts = parts;
  }

  /** Runs until `stop`, or until the camera is removed. */
  async run(): Promise<void> {
    const watch = this.#parts.cameras.watch(this.#parts.cameraId, 'main', {
      onChange: () => {
        this.#wake?.();
      },
      onRemoved: () => {
        this.stop();
        this.#parts.onRemoved();
      },
    });
    try {
      while (!this.#ended) {
        const hub = watch.stream()?.hub;
        // A hub that closed is given again until its camera has let go of it.
        if (hub === undefined || hub === this.#hub) await this.#woken();
        else await this.#follow(hub);
      }
    } finally {
      watch.release();
      this.#forget();
    }
  }

  /** Lets go of the camera and of its last seconds. Idempotent. */
  stop(): void {
    this.#ended = true;
    this.#subscription?.close();
    this.#forget();
    this.#wake?.();
  }

  async #follow(hub: Hub): Promise<void> {
    const subscription = hub.subscribe({
      ...{ policy: 'lossless-or-abort', limits: LIMITS, from: 'gop' },
    });
    this.#subscription = subscription;
    try {
      for await (const message of subscription) {
        if (this.#ended) break;
        this.#take(message);
      }
      this.#hub = hub;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.kind !== 'exhausted') throw thrown;
    }
    this.#subscription = undefined;
    // The camera was switched off, or is set up anew.
    this.#forget();
  }

  #take(message: HubMessage): void {
    this.#ending?.cancel();
    if (message.type === 'end') {
      this.#ending = this.#parts.clock.setTimer(AFTER_END_MS, () => {
        this.recent.clear();
      });
    }
    this.recent.take(message, this.#parts.maxBytes());
    this.#parts.onMessage(message);
  }

  #forget(): void {
    this.#ending?.cancel();
    this.recent.clear();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
