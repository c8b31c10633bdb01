/** A camera's way out: straight through, or in a drip. */
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../server/base/clock.ts';
import type { Trouble } from './trouble.ts';

/** A client that reads nothing for this long a time is cut off, as cameras do. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
const DRIP_EVERY_MS = 50;

/** Writes to one client. */
export class Outlet {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #trouble: Trouble;
  #waiting: Buffer[] = [];
  #timer: Timer | undefined;

  constructor(socket: Socket, clock: Clock, trouble: Trouble) {
    this.#socket = socket;
    this.#clock = clock;
    this.#trouble = trouble;
  }

  /** Sends, or queues for the drip; nothing at all while the camera stalls. */
  write(bytes: Buffer): void {
    if (this.#trouble.stall || this.#trouble.mute || this.#socket.destroyed) return;
    if (this.#trouble.dripBytesPerSecond === undefined && this.#waiting.length === 0) {
      this.#socket.write(bytes);
    } else {
      this.#waiting.push(bytes);
      this.#timer ??= this.#clock.setTimer(DRIP_EVERY_MS, this.#drip);
    }
    const waiting = this.#waiting.reduce((sum, part) => sum + part.length, 0);
    if (this.#socket.writableLength + waiting > BACKLOG_MAX_BYTES) this.#socket.destroy();
  }

  readonly #drip = (): void => {
    this.#timer = undefined;
    const all = Buffer.concat(this.#waiting);
    const rate = this.#trouble.dripBytesPerSecond;
    const now = rate === undefined ? all.length : Math.ceil((rate * DRIP_EVERY_MS) / 1000);
    this.#socket.write(all.subarray(0, now));
    this.#waiting = now >= all.length ? [] : [all.subarray(now)];
    if (this.#waiting.length > 0 && !this.#socket.destroyed) {
      this.#timer = this.#clock.setTimer(DRIP_EVERY_MS, this.#drip);
    }
  };
}
