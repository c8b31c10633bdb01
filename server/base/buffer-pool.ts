/**
 * Buffers of one size, used again. A large buffer lies outside V8's heap, and V8 collects all garbage
 * for every 64 MB of such memory: who reads file after file into new ones pays for it in the middle of
 * some read.
 */
import { AppError } from './errors.ts';
import { giveBack } from './give-back.ts';

/** What a pool hands out, and keeps. */
export interface BufferPoolOptions {
  readonly sizeBytes: number;
  /** So many are kept while nobody uses them; what is given back beyond that is freed. */
  readonly spareMax: number;
  /** What is given back is overwritten before anything else: neither its next user nor who sees what a
   * process leaves behind finds what was in it. Not needed for ciphertext. */
  readonly secret: boolean;
}

/** See the head of this file. It never makes anybody wait: with none to spare there is a new one. */
export class BufferPool {
  readonly #options: BufferPoolOptions;
  readonly #spare: Buffer[] = [];
  /** Weak, because who never gives one back must not keep it in memory for ever. */
  readonly #inUse = new WeakSet<Buffer>();

  constructor(options: BufferPoolOptions) {
    this.#options = options;
  }

  /** How many are kept that nobody uses. */
  get spare(): number {
    return this.#spare.length;
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
    if (this.#options.secret) buffer.fill(0);
    if (this.#spare.length < this.#options.spareMax) this.#spare.push(buffer);
    else giveBack(buffer);
  }
}
