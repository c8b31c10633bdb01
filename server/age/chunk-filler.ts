/**
 * Plaintext on its way into chunks. A full chunk is held back until there is more behind it: age has no
 * empty last chunk, so until then it may be the last one.
 */
import { CHUNK_BYTES, type ChunkSealer } from './chunks.ts';

/** Fills the chunks of one payload from its beginning. */
export class ChunkFiller {
  readonly #sealer: ChunkSealer;
  /** One buffer for all chunks: the collector of garbage would cost more than the cipher does. */
  readonly #held = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #heldBytes = 0;

  /** `sealer`: `ChunkSealer.atStart`. */
  constructor(sealer: ChunkSealer) {
    this.#sealer = sealer;
  }

  /** Plaintext of the open chunk, up to a whole one; valid until the next `push`. */
  get open(): Buffer {
    return this.#held.subarray(0, this.#heldBytes);
  }

  /** The number of the open chunk. */
  get chunk(): number {
    return this.#sealer.next;
  }

  /** Takes more plaintext; answers the chunks that are whole by it, sealed, to be written in order. */
  push(buffers: readonly Buffer[]): Buffer[] {
    const sealed: Buffer[] = [];
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length;) {
        if (this.#heldBytes === CHUNK_BYTES) {
          sealed.push(...this.#sealer.whole(this.#held));
          this.#heldBytes = 0;
        }
        if (this.#heldBytes === 0 && buffer.length - at > CHUNK_BYTES) {
          sealed.push(...this.#sealer.whole(buffer.subarray(at, at + CHUNK_BYTES)));
          at += CHUNK_BYTES;
        } else {
          const taken = buffer.copy(this.#held, this.#heldBytes, at);
          this.#heldBytes += taken;
          at += taken;
        }
      }
    }
    return sealed;
  }

  /** The open chunk as the last one, sealed; nothing comes after it. */
  last(): readonly Buffer[] {
    return this.#sealer.last(this.open);
  }

  /** The plaintext is not needed any more. */
  forget(): void {
    this.#held.fill(0);
  }
}
