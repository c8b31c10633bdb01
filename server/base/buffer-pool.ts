/**
 * Buffers of one size, used again. A large buffer lies outside V8's heap, and V8 collects all garbage
 * for every 64 MB of such memory: who reads file after file into new ones pays for it in the middle of
 * some read. What a user leaves in one, the next one finds: for ciphertext, never for what it says.
 */
import { AppError } from './errors.ts';
import { giveBack } from './give-back.ts';

/** What a pool hands out, and keeps. */
export interface BufferPoolOptions {
  readonly sizeBytes: number;
  /** So many are kept while nobody uses them; what is given back beyond that is freed. */
  readonly spareMax: number;
}

/** See the head of this file. It never makes anybody wait: with none to spare there is a new one. */
export class BufferPool {
  readonly #options: BufferPoolOptions;
  readonly #spare: Buffer[] = [];
  readonly #inUse = new Set<Buffer>();

  constructor(options: BufferPoolOptions) {
    this.#options = options;
  }

  /** How many nobody uses, and how many are out. */
  get counts(): { readonly spare: number; readonly inUse: number } {
    return { spare: this.#spare.length, inUse: this.#inUse.size };
  }

  /** A buffer with anything in it, for as long as `work` takes; `work` keeps no part of it. */
  async lend<T>(work: (buffer: Buffer) => Promise<T>): Promise<T> {
    const buffer = this.take();
    try {
      return await work(buffer);
    } finally {
      this.give(buffer);
    }
  }

  /** A buffer that nobody else has, with anything in it, until it is given back. */
  take(): Buffer {
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#options.sizeBytes);
    this.#inUse.add(buffer);
    return buffer;
  }

  /** The very buffer that was taken, once: a second time it may be somebody else's (`internal`). */
  give(buffer: Buffer): void {
    if (!this.#inUse.delete(buffer)) {
      throw new AppError('internal', 'a buffer was given back that is not out');
    }
    if (this.#spare.length < this.#options.spareMax) this.#spare.push(buffer);
    else giveBack(buffer);
  }
}
