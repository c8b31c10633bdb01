/**
 * Plaintext on its way into chunks. A full chunk is held back until there is more behind it: age has no
 * empty last chunk, so until then it may be the last one.
 */
import { CHUNK_BYTES, type ChunkSealer } from './chunks.ts';

/** Fills the chunks of one payload from its beginning. */
export class ChunkFiller {
  readonly #sealer: ChunkSealer;
  #open = Buffer.alloc(0);

  /** `sealer`: `ChunkSealer.atStart`. */
  constructor(sealer: ChunkSealer) {
    this.#sealer = sealer;
  }

  /** Plaintext of the open chunk, up to a whole one. */
  get open(): Buffer {
    return this.#open;
  }

  /** The number of the open chunk. */
  get chunk(): number {
    return this.#sealer.next;
  }

  /** Takes more plaintext; answers the chunks that are whole by it, sealed, to be written in order. */
  push(buffers: readonly Buffer[]): Buffer[] {
    const plaintext = Buffer.concat([this.#open, ...buffers]);
    const sealed: Buffer[] = [];
    let at = 0;
    for (; plaintext.length - at > CHUNK_BYTES; at += CHUNK_BYTES) {
      sealed.push(...this.#sealer.whole(plaintext.subarray(at, at + CHUNK_BYTES)));
    }
    // A copy: a view would keep all of it in memory.
    this.#open = Buffer.from(plaintext.subarray(at));
    return sealed;
  }

  /** The open chunk as the last one, sealed; nothing comes after it. */
  last(): readonly Buffer[] {
    return this.#sealer.last(this.#open);
  }

  /** The plaintext is not needed any more. */
  forget(): void {
    this.#open.fill(0);
  }
}
