/**
 * One MediaSource with its one SourceBuffer: takes what arrives as soon as it can, keeps little of
 * what was shown. The same code in a worker and in the page.
 */

/** What a buffer tells. */
export interface BufferEvents {
  /** It cannot be gone on with; told once. */
  onBroken(why: string): void;
}

/** A beginning in the buffer: what follows belongs to this init segment. */
export interface BufferRun {
  readonly mimeType: string;
  readonly init: Uint8Array;
  /** Added to media time (MSE `timestampOffset`), in milliseconds. */
  readonly offsetMs: number;
}

/** What stays behind the newest picture: more than a playhead is ever behind before it jumps. */
const KEEP_MS = 6_000;

/** Removing costs the decoder's thread time; a little more memory is cheaper. */
const REMOVE_EVERY_MS = 4_000;

/** 68 years: no buffer lives as long. */
const SEEKABLE_S = 2 ** 31;

/** What may wait for the source to open or for an append: the largest GOP in the box's memory, and
 * as much again. */
const WAITING_MAX_BYTES = 64 * 1024 * 1024;

type Waiting =
  | { readonly kind: 'run'; readonly run: BufferRun }
  | { readonly kind: 'media'; readonly bytes: Uint8Array };

/** See the head of this file. */
export class LiveBuffer {
  readonly source: MediaSource;
  readonly #events: BufferEvents;
  #buffer: SourceBuffer | undefined;
  #mimeType = '';
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Where decoding can begin, on the buffer's timeline: removing stops there, because what depends
   * on a removed key frame goes with it (MSE, coded frame removal). */
  #keysMs: number[] = [];
  #removedMs = 0;
  #edgeMs = 0;
  #hadNoRoom = false;
  #over = false;

  constructor(source: MediaSource, events: BufferEvents) {
    this.source = source;
    this.#events = events;
    source.addEventListener('sourceopen', () => {
      this.#pump();
    });
  }

  /** Nothing was put into it yet. */
  get isNew(): boolean {
    return this.#buffer === undefined && this.#waiting.length === 0;
  }

  /** Another run; the frames that follow are its own. */
  begin(run: BufferRun): void {
    this.#wait({ kind: 'run', run }, run.init.byteLength);
  }

  /** A fragment that ends at `endMs` on the buffer's timeline; `keyMs`: decoding can begin there. */
  append(bytes: Uint8Array, endMs: number, keyMs: number | undefined): void {
    this.#edgeMs = endMs;
    if (keyMs !== undefined) this.#keysMs.push(keyMs);
    this.#wait({ kind: 'media', bytes }, bytes.byteLength);
  }

  /** Nothing is told or done any more; the `<video>` that has the source may go on with it. */
  close(): void {
    this.#over = true;
    this.#waiting = [];
  }

  #wait(waiting: Waiting, bytes: number): void {
    if (this.#over) return;
    this.#waiting.push(waiting);
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > WAITING_MAX_BYTES) this.#break('too much waits for the decoder');
    else this.#pump();
  }

  #pump(): void {
    if (this.#over || this.source.readyState !== 'open' || this.#buffer?.updating === true) return;
    try {
      if (this.#waiting.length === 0) this.#removeShown();
      else this.#appendNext();
    } catch (thrown) {
      if (isQuota(thrown) && !this.#hadNoRoom) this.#makeRoom();
      else this.#break(String(thrown));
    }
  }

  /** All media that waits goes in at once, up to the next run. */
  #appendNext(): void {
    const [first] = this.#waiting;
    if (first?.kind === 'run') {
      const buffer = this.#prepare(first.run);
      this.#taken(1);
      buffer.appendBuffer(first.run.init as Uint8Array<ArrayBuffer>);
      return;
    }
    const nextRun = this.#waiting.findIndex(({ kind }) => kind === 'run');
    const count = nextRun === -1 ? this.#waiting.length : nextRun;
    const parts = this.#waiting.slice(0, count).flatMap((item) => {
      return item.kind === 'media' ? [item.bytes] : [];
    });
    this.#buffer?.appendBuffer(joined(parts));
    this.#taken(count);
    this.#hadNoRoom = false;
  }

  #taken(count: number): void {
    for (const item of this.#waiting.slice(0, count)) {
      this.#waitingBytes -= (item.kind === 'run' ? item.run.init : item.bytes).byteLength;
    }
    this.#waiting = this.#waiting.slice(count);
  }

  #prepare({ mimeType, offsetMs }: BufferRun): SourceBuffer {
    let buffer = this.#buffer;
    if (buffer === undefined) {
      // Live: no end, and the page decides itself where to play (MSE 2.4.6, `duration`).
      this.source.duration = Infinity;
      // Or nothing could be jumped to before something is buffered (MSE, `seekable`); where it is
      // missing, the playhead begins at the first picture and jumps from there.
      (this.source as Partial<MediaSource>).setLiveSeekableRange?.(0, SEEKABLE_S);
      buffer = this.source.addSourceBuffer(mimeType);
      buffer.addEventListener('updateend', () => {
        this.#pump();
      });
      buffer.addEventListener('error', () => {
        this.#break('the browser could not read what came');
      });
      this.#buffer = buffer;
    } else if (mimeType !== this.#mimeType) {
      buffer.changeType(mimeType);
    }
    this.#mimeType = mimeType;
    buffer.timestampOffset = offsetMs / 1_000;
    return buffer;
  }

  /** Takes out what was shown, up to a key frame at least `KEEP_MS` old. */
  #removeShown(): void {
    if (this.#edgeMs - this.#removedMs < KEEP_MS + REMOVE_EVERY_MS) return;
    this.#removeBefore(this.#edgeMs - KEEP_MS);
  }

  #removeBefore(limitMs: number): boolean {
    const untilMs = this.#keysMs.findLast((keyMs) => keyMs <= limitMs);
    if (untilMs === undefined || untilMs <= this.#removedMs) return false;
    this.#removedMs = untilMs;
    this.#keysMs = this.#keysMs.filter((keyMs) => keyMs >= untilMs);
    // A millisecond less, so that rounding never takes the key frame itself.
    this.#buffer?.remove(0, (untilMs - 1) / 1_000);
    return true;
  }

  /** The browser has no room: everything before the newest key frame goes. */
  #makeRoom(): void {
    this.#hadNoRoom = true;
    if (!this.#removeBefore(Infinity)) this.#break('the browser has no room for one picture');
  }

  #break(why: string): void {
    if (this.#over) return;
    this.close();
    this.#events.onBroken(why);
  }
}

/** MSE, "prepare append": full buffers are told by this name. */
function isQuota(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'QuotaExceededError';
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
