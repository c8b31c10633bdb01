/// <reference lib="dom" />
/** What a live feed is given by a browser, without one: sockets and media sources that are told by
 * hand what happens to them. */
import type { LiveMessage } from '../../server/contract/live.ts';

/** A WebSocket of which the test is the other end. */
export class FakeSocket {
  readonly address: string;
  binaryType = 'blob';
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** The page hung up. */
  isHungUp = false;

  constructor(address: string) {
    this.address = address;
  }

  /** As the browser's type: only what is here is used. */
  asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  close(): void {
    this.isHungUp = true;
    this.readyState = 3;
  }

  /** The box accepts. */
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The box sends words. */
  say(message: LiveMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The box sends media. */
  send(bytes: Buffer): void {
    this.onmessage?.({ data: new Uint8Array(bytes).buffer });
  }

  /** The connection ends, by the box or otherwise. */
  end(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** What was done to a source buffer, in order. */
export type BufferDeed =
  | { readonly did: 'append'; readonly bytes: Buffer; readonly offsetS: number }
  | { readonly did: 'remove'; readonly fromS: number; readonly toS: number }
  | { readonly did: 'change'; readonly mimeType: string };

/** Takes one thing at a time, as a real one does; the test says when it has taken it. */
export class FakeSourceBuffer extends EventTarget {
  readonly deeds: BufferDeed[] = [];
  updating = false;
  timestampOffset = 0;
  /** The next appends are refused for want of room. */
  isFull = false;

  appendBuffer(bytes: Uint8Array): void {
    if (this.isFull) throw new DOMException('no room', 'QuotaExceededError');
    this.#begin({ did: 'append', bytes: Buffer.from(bytes), offsetS: this.timestampOffset });
  }

  remove(fromS: number, toS: number): void {
    this.#begin({ did: 'remove', fromS, toS });
  }

  changeType(mimeType: string): void {
    this.deeds.push({ did: 'change', mimeType });
  }

  /** What was begun is done. */
  settle(): void {
    this.updating = false;
    this.dispatchEvent(new Event('updateend'));
  }

  /** Until nothing is left to do. */
  settleAll(): void {
    while (this.updating) this.settle();
  }

  #begin(deed: BufferDeed): void {
    if (this.updating) throw new DOMException('busy', 'InvalidStateError');
    this.deeds.push(deed);
    this.updating = true;
  }
}

/** A media source that opens when it is told. */
export class FakeMediaSource extends EventTarget {
  readonly buffers: FakeSourceBuffer[] = [];
  readyState = 'closed';
  duration = Number.NaN;

  /** As the browser's type: only what is here is used. */
  asMediaSource(): MediaSource {
    return this as unknown as MediaSource;
  }

  addSourceBuffer(): FakeSourceBuffer {
    const buffer = new FakeSourceBuffer();
    this.buffers.push(buffer);
    return buffer;
  }

  setLiveSeekableRange(): void {
    if (this.readyState !== 'open') throw new DOMException('closed', 'InvalidStateError');
  }

  /** A `<video>` took it. */
  open(): void {
    this.readyState = 'open';
    this.dispatchEvent(new Event('sourceopen'));
  }
}
