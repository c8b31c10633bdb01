/** Reading a payload at plaintext offsets: which bytes of the file are needed, and what they say. */
import {
  chunkAt,
  type ChunkOpener,
  CHUNK_BYTES,
  plaintextBytesOf,
  SEALED_CHUNK_BYTES,
  sealedOffsetOf,
} from './chunks.ts';
import { sealedCorrupt } from './corrupt.ts';

/** A stretch of the payload (behind header and nonce). */
export interface SealedRange {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** The first chunk in it. */
  readonly chunk: number;
}

/** What a payload is known to be. */
export interface PayloadExtent {
  /** Bytes behind header and nonce. */
  readonly payloadBytes: number;
  /** False for a torn file: it has no last chunk, and what is behind its whole chunks is nothing. */
  readonly complete: boolean;
}

/** One payload of known length. */
export class PayloadReader {
  readonly #opener: ChunkOpener;
  readonly #lastChunk: number | undefined;
  readonly #endBytes: number;
  /** Plaintext that can be read. */
  readonly plaintextBytes: number;

  constructor(opener: ChunkOpener, { payloadBytes, complete }: PayloadExtent) {
    this.#opener = opener;
    const whole = Math.floor(payloadBytes / SEALED_CHUNK_BYTES);
    this.plaintextBytes = complete ? plaintextBytesOf(payloadBytes) : whole * CHUNK_BYTES;
    this.#lastChunk = complete ? Math.ceil(payloadBytes / SEALED_CHUNK_BYTES) - 1 : undefined;
    this.#endBytes = complete ? payloadBytes : sealedOffsetOf(whole);
  }

  /** The bytes of the payload that hold `sizeBytes` of plaintext at `offsetBytes`. */
  rangeOf(offsetBytes: number, sizeBytes: number): SealedRange {
    this.#check(offsetBytes, sizeBytes);
    const { chunk } = chunkAt(offsetBytes);
    const after = chunkAt(offsetBytes + Math.max(sizeBytes, 1) - 1).chunk + 1;
    const start = sealedOffsetOf(chunk);
    const end = Math.min(sealedOffsetOf(after), this.#endBytes);
    return { offsetBytes: start, sizeBytes: end - start, chunk };
  }

  /** The plaintext in `sealed`, which `rangeOf` asked for. */
  open(offsetBytes: number, sizeBytes: number, sealed: Buffer): Buffer {
    const range = this.rangeOf(offsetBytes, sizeBytes);
    if (sealed.length !== range.sizeBytes) {
      throw sealedCorrupt('chunk-size', `${sealed.length} of ${range.sizeBytes} bytes`);
    }
    const opened: Buffer[] = [];
    for (
      let at = 0, chunk = range.chunk;
      at < sealed.length;
      at += SEALED_CHUNK_BYTES, chunk += 1
    ) {
      const last = chunk === this.#lastChunk;
      opened.push(this.#opener.open(chunk, sealed.subarray(at, at + SEALED_CHUNK_BYTES), last));
    }
    const { offset } = chunkAt(offsetBytes);
    return Buffer.concat(opened).subarray(offset, offset + sizeBytes);
  }

  #check(offsetBytes: number, sizeBytes: number): void {
    const end = offsetBytes + sizeBytes;
    const numbers = Number.isSafeInteger(offsetBytes) && Number.isSafeInteger(sizeBytes);
    if (!numbers || offsetBytes < 0 || sizeBytes < 0 || end > this.plaintextBytes) {
      throw sealedCorrupt('chunk-size', `bytes ${offsetBytes} to ${end} of ${this.plaintextBytes}`);
    }
  }
}
