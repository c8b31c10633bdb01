/** A WebSocket of `ws` as a `LiveSocket`. */
import type { WebSocket } from '@fastify/websocket';
import type { Clock } from '../base/clock.ts';
import { LIVE_CLOSE } from '../contract/live.ts';
import type { LiveClose, LiveSocket, LiveSocketEvents } from '../live/live-socket.ts';

/** How long a goodbye may take (RFC 6455 7.1.1): a phone that is out of reach never answers, and a
 * server that stops does not wait for it. */
const GOODBYE_MS = 1_000;

/** See the head of this file. */
export class WsLiveSocket implements LiveSocket {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #onSent: () => void = () => undefined;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  listen(events: LiveSocketEvents): void {
    this.#onSent = () => {
      events.onSent();
    };
    this.#socket
      .on('pong', () => {
        events.onPong();
      })
      .on('ping', (data) => {
        // By hand, because `ws` would queue an answer to each, without end for who reads none.
        if (this.bufferedBytes === 0) this.#socket.pong(data);
      })
      .on('message', () => {
        events.onMessage();
      })
      .once('close', () => {
        events.onClosed();
      });
  }

  sendText(text: string): void {
    if (this.#isOpen()) this.#socket.send(text, this.#onSent);
  }

  sendBinary(bytes: Buffer): void {
    if (this.#isOpen()) this.#socket.send(bytes, { binary: true }, this.#onSent);
  }

  ping(): void {
    if (this.#isOpen()) this.#socket.ping();
  }

  close(why: LiveClose): void {
    const late = this.#clock.setTimer(GOODBYE_MS, () => {
      this.#socket.terminate();
    });
    this.#socket.once('close', () => {
      late.cancel();
    });
    this.#socket.close(LIVE_CLOSE[why], why);
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }
}
