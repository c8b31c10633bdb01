/** The only queue. It has a limit in items and in bytes, and passing it is the caller's decision. */

/** Limits of one queue; both hold at once. */
export interface QueueLimits {
  maxItems: number;
  maxBytes: number;
}

/** First in, first out; `push` answers whether there was room. No allocation per operation beyond
 * growth: a ring over an array that doubles up to `maxItems`. */
export class BoundedQueue<T> {
  readonly #limits: QueueLimits;
  readonly #sizeOf: (item: T) => number;
  #ring: (T | undefined)[] = new Array<T | undefined>(16);
  #head = 0;
  #length = 0;
  #bytes = 0;

  constructor(limits: QueueLimits, sizeOf: (item: T) => number) {
    this.#limits = limits;
    this.#sizeOf = sizeOf;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds at the end; false, and nothing added, when a limit would be passed. */
  push(item: T): boolean {
    const size = this.#sizeOf(item);
    if (this.#length >= this.#limits.maxItems || this.#bytes + size > this.#limits.maxBytes) {
      return false;
    }
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) % this.#ring.length] = item;
    this.#length += 1;
    this.#bytes += size;
    return true;
  }

  /** Takes the oldest; undefined when empty. */
  take(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length -= 1;
    if (item !== undefined) this.#bytes -= this.#sizeOf(item);
    return item;
  }

  /** Looks at the oldest without taking it. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  clear(): void {
    while (this.#length > 0) this.take();
  }

  #grow(): void {
    const next = new Array<T | undefined>(this.#ring.length * 2);
    for (let i = 0; i < this.#length; i += 1) {
      next[i] = this.#ring[(this.#head + i) % this.#ring.length];
    }
    this.#ring = next;
    this.#head = 0;
  }
}
