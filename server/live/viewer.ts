/**
 * One viewer: a subscription on one side, a connection on the other, and in between as little as can
 * be. A viewer that is too slow loses frames and is told; it never holds up anything or anybody.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { type AppError, toAppError } from '../base/errors.ts';
import type { MonotonicMs } from '../base/time.ts';
import type { CameraWatch, CameraWatcher, WatchedStream } from '../camera/camera-watch.ts';
import type { LiveState } from '../contract/live.ts';
import type { Subscription } from '../ingest/hub.ts';
import { LiveMessages, type Outgoing } from './live-messages.ts';
import type { LiveClose, LiveSocket } from './live-socket.ts';

/** What may wait for the network inside this process: a key frame of 4K and the frames behind it.
 * Beyond it frames wait in the hub's queue, where they can still be left out. */
export const SOCKET_MAX_BYTES = 1024 * 1024;

/**
 * What may wait in the hub: the GOP in memory at its largest (32 MiB, hub.ts), with which a viewer
 * begins, or nobody with long GOPs would see a picture. Frames are shared by all who wait for them.
 */
const QUEUE_LIMITS = { maxItems: 4_000, maxBytes: 40 * 1024 * 1024 };

/** Later than this is not live. Above the two seconds of an ordinary GOP, so that a hiccup of the
 * network is caught up with by the player instead of costing a jump to the next key frame. */
export const WAIT_MAX_MS = 3_000;

/** How long a ping may stay out before nothing more is sent: the kernel takes megabytes, and what lies
 * there on a slow network can no longer be left out. */
export const UNANSWERED_MAX_MS = 2_000;

/** The pulse of a viewer: at most one ping a second, and one look at everything below. */
const PULSE_MS = 1_000;

/** A connection on which nothing is sent is tried this often: proxies and routers forget an idle one
 * after 30 s at the earliest. */
const KEEP_ALIVE_MS = 15_000;

/** Nothing was taken for so long: the phone left the house, or its browser put the page to sleep.
 * Above the ten seconds in which a phone changes from one access point to the next. */
export const STALLED_MS = 20_000;

/** How often a viewer has to be allowed anew: a sign-in that runs out is noticed within a minute. One
 * that is ended on purpose is told at once (live-service.ts). */
export const ALLOWED_CHECK_MS = 60_000;

/** What a viewer is made of. */
export interface ViewerParts {
  readonly socket: LiveSocket;
  readonly clock: Clock;
  /** Begins to watch the camera; the viewer releases it. */
  readonly watch: (watcher: CameraWatcher) => CameraWatch;
  /** The viewer wants to hear the camera. */
  readonly sound: boolean;
  /** Why whoever opened the connection may look no longer; undefined while they may. */
  readonly refusal: () => LiveClose | undefined;
}

/** See the head of this file. The constructor does nothing; call `run` once. */
export class Viewer {
  readonly #parts: ViewerParts;
  readonly #socket: LiveSocket;
  #ended = false;
  /** The connection is gone, or was told to go. */
  #hungUp = false;
  /** A defect that ended it. */
  #defect: AppError | undefined;
  #following: { stream: WatchedStream; subscription: Subscription<'drop-to-keyframe'> } | undefined;
  #wake: (() => void) | undefined;
  /** The condition as it was told last, to tell each once. */
  #told: string | undefined;
  /** When the ping that is out was sent. */
  #pingedMs: MonotonicMs | undefined;
  /** Whether something was sent since the last ping. */
  #sentSincePing = false;
  #lastPingMs: MonotonicMs;
  #lastTakenMs: MonotonicMs;
  #allowedMs: MonotonicMs;
  /** Frames that this viewer did not get. */
  #droppedFrames = 0;

  constructor(parts: ViewerParts) {
    this.#parts = parts;
    this.#socket = parts.socket;
    const nowMs = parts.clock.monotonicMs();
    this.#lastPingMs = nowMs;
    this.#lastTakenMs = nowMs;
    this.#allowedMs = nowMs;
  }

  /** Video frames that it did not get because it was too slow. */
  get droppedFrames(): number {
    return this.#droppedFrames + (this.#following?.subscription.droppedTotal ?? 0);
  }

  /** Ends with the connection or with `end`, whichever is first. Throws only for a defect, and what
   * `watch` throws. */
  async run(): Promise<void> {
    this.#socket.listen({
      onSent: () => {
        this.#lastTakenMs = this.#parts.clock.monotonicMs();
        this.#wake?.();
      },
      onPong: () => {
        this.#lastTakenMs = this.#parts.clock.monotonicMs();
        this.#pingedMs = undefined;
        this.#wake?.();
      },
      onMessage: () => {
        this.end('unexpectedData');
      },
      onClosed: () => {
        this.#hungUp = true;
        this.#leave();
      },
    });
    let watch: CameraWatch | undefined;
    const pulse = this.#pulse();
    try {
      watch = this.#parts.watch({
        onChange: () => {
          if (watch !== undefined) this.#onChange(watch);
        },
        onRemoved: () => {
          this.end('cameraGone');
        },
      });
      // Between the request and this moment somebody may have signed out.
      this.checkAllowed();
      this.#told = isPictureThere(watch) ? conditionText(watch) : undefined;
      while (!this.#ended) await this.#next(watch);
    } finally {
      this.#leave();
      pulse.cancel();
      watch?.release();
    }
    if (this.#defect !== undefined) throw this.#defect;
  }

  /** Closes the connection and says why. Idempotent; the first reason counts. */
  end(why: LiveClose): void {
    this.#leave();
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.#socket.close(why);
  }

  /** Ends the viewer if whoever opened it may look no longer. */
  checkAllowed(): void {
    if (this.#ended) return;
    this.#allowedMs = this.#parts.clock.monotonicMs();
    try {
      const refusal = this.#parts.refusal();
      if (refusal !== undefined) this.end(refusal);
    } catch (thrown) {
      // We are in a timer or in somebody's news: `run` is where it is to be heard of.
      this.#defect = toAppError(thrown);
      this.#leave();
    }
  }

  #leave(): void {
    this.#ended = true;
    this.#following?.subscription.close();
    this.#wake?.();
  }

  /** Follows the stream of now until it ends; without one, waits for a change. */
  async #next(watch: CameraWatch): Promise<void> {
    this.#tell(watch);
    const stream = watch.stream();
    if (stream === undefined) {
      await this.#woken();
      return;
    }
    const subscription = stream.hub.subscribe({
      ...{ policy: 'drop-to-keyframe', limits: QUEUE_LIMITS, from: 'gop', maxWaitMs: WAIT_MAX_MS },
    });
    this.#following = { stream, subscription };
    const messages = new LiveMessages(stream.name, this.#parts.sound);
    for await (const message of subscription) {
      for (const outgoing of messages.from(message)) await this.#send(outgoing);
      if (this.#ended) break;
    }
    this.#droppedFrames += subscription.droppedTotal;
    this.#following = undefined;
  }

  /** Another stream is to be followed, or there is a condition to tell. */
  #onChange(watch: CameraWatch): void {
    const following = this.#following;
    if (following !== undefined && watch.stream()?.hub !== following.stream.hub) {
      following.subscription.close();
    }
    this.#tell(watch);
    this.#wake?.();
  }

  /** Tells the camera's condition if it is not the one told last. It waits for nothing: it is a few
   * hundred bytes, and a camera changes less than once a second. */
  #tell(watch: CameraWatch): void {
    const text = conditionText(watch);
    if (this.#ended || text === this.#told) return;
    this.#told = text;
    this.#sentSincePing = true;
    this.#socket.sendText(text);
  }

  async #send(outgoing: Outgoing): Promise<void> {
    while (!this.#ended && this.#isBlocked()) await this.#woken();
    if (this.#ended) return;
    this.#sentSincePing = true;
    if (outgoing.type === 'text') this.#socket.sendText(JSON.stringify(outgoing.message));
    else this.#socket.sendBinary(outgoing.bytes);
  }

  #isBlocked(): boolean {
    return (
      this.#socket.bufferedBytes >= SOCKET_MAX_BYTES || this.#unansweredMs() > UNANSWERED_MAX_MS
    );
  }

  #unansweredMs(): number {
    return this.#pingedMs === undefined ? 0 : this.#parts.clock.monotonicMs() - this.#pingedMs;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #pulse(): Timer {
    const { clock } = this.#parts;
    let timer: Timer;
    const beat = (): void => {
      this.#look();
      if (!this.#ended) timer = clock.setTimer(PULSE_MS, beat);
    };
    timer = clock.setTimer(PULSE_MS, beat);
    return {
      cancel: () => {
        timer.cancel();
      },
    };
  }

  #look(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const isWaiting = this.#pingedMs !== undefined || this.#socket.bufferedBytes > 0;
    const sinceMs = Math.max(this.#lastTakenMs, this.#lastPingMs);
    if (isWaiting && nowMs - sinceMs > STALLED_MS) {
      this.end('stalled');
      return;
    }
    if (nowMs - this.#allowedMs >= ALLOWED_CHECK_MS) this.checkAllowed();
    if (this.#ended || this.#pingedMs !== undefined) return;
    if (!this.#sentSincePing && nowMs - this.#lastPingMs < KEEP_ALIVE_MS) return;
    this.#pingedMs = nowMs;
    this.#lastPingMs = nowMs;
    this.#sentSincePing = false;
    this.#socket.ping();
  }
}

function conditionText(watch: CameraWatch): string {
  const message: LiveState = { type: 'state', ...watch.condition() };
  return JSON.stringify(message);
}

/** It then says for itself how the camera is. */
function isPictureThere(watch: CameraWatch): boolean {
  return watch.condition().state === 'online' && watch.stream()?.hub.recentGop() !== undefined;
}
