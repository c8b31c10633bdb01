/** When the relay reads from the camera: not while ffmpeg is behind, and not at every packet. */
import type { Clock, Timer } from '../base/clock.ts';

/**
 * Reads closer together than this are followed by a rest of this length. A read and its write cost
 * about 0.1 ms whatever their size; sound alone is 50 packets a second, and some cameras write each
 * packet of a picture by itself: what comes during the rest is read in one piece. A third of a frame
 * at 15 fps, so nobody sees it; a picture that comes in one piece never waits.
 */
export const READ_REST_MS = 20;

/** What of a socket is paced. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Pauses and resumes one socket for two independent reasons. */
export class ReadPacer {
  readonly #socket: Pausable;
  readonly #clock: Clock;
  #rest: Timer | undefined;
  #lastReadMs = -Infinity;
  #blocked = false;

  constructor(socket: Pausable, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Media was read. */
  afterRead(): void {
    const nowMs = this.#clock.monotonicMs();
    const close = nowMs - this.#lastReadMs < READ_REST_MS;
    this.#lastReadMs = nowMs;
    if (!close || this.#rest !== undefined) return;
    this.#socket.pause();
    this.#rest = this.#clock.setTimer(READ_REST_MS, () => {
      this.#rest = undefined;
      if (!this.#blocked) this.#socket.resume();
    });
  }

  /** The reader of what we write is behind: nothing is read until `unblock`. */
  block(): void {
    this.#blocked = true;
    this.#socket.pause();
  }

  /** It caught up. */
  unblock(): void {
    this.#blocked = false;
    if (this.#rest === undefined) this.#socket.resume();
  }

  /** Ends the timer; the socket is left as it is. */
  stop(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
  }
}
