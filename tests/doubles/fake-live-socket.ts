/** A viewer's connection without a network: a test says when it takes what, and whether it answers. */
import type { LiveMessage } from '../../server/contract/live.ts';
import type { LiveClose, LiveSocket, LiveSocketEvents } from '../../server/live/live-socket.ts';

/** See the head of this file. */
export class FakeLiveSocket implements LiveSocket {
  bufferedBytes = 0;
  /** The most that ever waited. */
  mostBytes = 0;
  /** Takes everything at once, and answers each ping. */
  isQuick = true;
  readonly texts: LiveMessage[] = [];
  readonly binaries: Buffer[] = [];
  pings = 0;
  closedWith: LiveClose | undefined;
  #events: LiveSocketEvents | undefined;

  listen(events: LiveSocketEvents): void {
    this.#events = events;
  }

  sendText(text: string): void {
    this.texts.push(JSON.parse(text) as LiveMessage);
    this.#buffer(text.length);
  }

  sendBinary(bytes: Buffer): void {
    this.binaries.push(bytes);
    this.#buffer(bytes.length);
  }

  ping(): void {
    this.pings += 1;
    if (this.isQuick) this.pong();
  }

  /** The newest ping comes back. */
  pong(): void {
    this.#events?.onPong();
  }

  /** So much of what waits leaves the process. */
  take(sizeBytes = this.bufferedBytes): void {
    this.bufferedBytes -= Math.min(sizeBytes, this.bufferedBytes);
    this.#events?.onSent();
  }

  /** The viewer sends something. */
  say(): void {
    this.#events?.onMessage();
  }

  /** The connection breaks. */
  break(): void {
    this.#events?.onClosed();
  }

  close(why: LiveClose): void {
    this.closedWith = why;
    this.#events?.onClosed();
  }

  /** The messages of one type. */
  of<T extends LiveMessage['type']>(type: T): Extract<LiveMessage, { type: T }>[] {
    return this.texts.filter(
      (message): message is Extract<LiveMessage, { type: T }> => message.type === type,
    );
  }

  #buffer(sizeBytes: number): void {
    this.bufferedBytes += sizeBytes;
    this.mostBytes = Math.max(this.mostBytes, this.bufferedBytes);
    if (this.isQuick) this.bufferedBytes = 0;
  }
}
