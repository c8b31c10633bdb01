/**
 * The payload of an age file (age.md, "Payload"): chunks of 64 KiB, each sealed with
 * ChaCha20-Poly1305 under a nonce that is its number and whether it is the last one. So a chunk opens
 * only at its own place, and any chunk opens without the others.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import { sealedCorrupt } from './corrupt.ts';

/** Bytes of a file key (age.md, "File key"). */
export const FILE_KEY_BYTES = 16;

/** Plaintext of a chunk; the last one may be shorter. */
export const CHUNK_BYTES = 65_536;

/** Poly1305's tag behind each chunk. */
export const TAG_BYTES = 16;

/** A whole chunk in the file. */
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** 256 GiB. The counter has 88 bits; a segment has a minute, an export perhaps a day. */
export const CHUNKS_MAX = 2 ** 22;

const NONCE_BYTES = 12;
const LAST_FLAG_AT = 11;

/** Where a byte of plaintext lies. */
export interface ChunkPlace {
  readonly chunk: number;
  /** Within the chunk's plaintext. */
  readonly offset: number;
}

/** The chunk with the plaintext at `offsetBytes`. */
export function chunkAt(offsetBytes: number): ChunkPlace {
  const chunk = Math.floor(offsetBytes / CHUNK_BYTES);
  return { chunk, offset: offsetBytes - chunk * CHUNK_BYTES };
}

/** Where a chunk begins in the payload (behind header and nonce). */
export function sealedOffsetOf(chunk: number): number {
  return chunk * SEALED_CHUNK_BYTES;
}

/** Plaintext in a complete payload of this length; `corrupt` when no payload has it. */
export function plaintextBytesOf(payloadBytes: number): number {
  const whole = Math.floor(payloadBytes / SEALED_CHUNK_BYTES);
  const rest = payloadBytes - whole * SEALED_CHUNK_BYTES;
  // Only the last chunk of an empty payload is empty.
  const impossible =
    rest === 0 ? whole === 0 : rest < TAG_BYTES || (rest === TAG_BYTES && whole > 0);
  if (impossible) throw sealedCorrupt('chunk-size', `a payload of ${payloadBytes} bytes`);
  return whole * CHUNK_BYTES + Math.max(0, rest - TAG_BYTES);
}

/** The key of a payload, from the file key and the nonce behind the header. */
function streamKey(fileKey: Buffer, payloadNonce: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, payloadNonce, 'payload', 32));
}

/** The nonce of a chunk: 11 bytes of its number, big-endian, and the flag of the last one. */
export function chunkNonce(chunk: number, last: boolean): Buffer {
  if (!Number.isSafeInteger(chunk) || chunk < 0 || chunk >= CHUNKS_MAX) {
    throw sealedCorrupt('chunk-number', `chunk ${chunk}`);
  }
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(chunk, LAST_FLAG_AT - 4);
  nonce[LAST_FLAG_AT] = last ? 1 : 0;
  return nonce;
}

/**
 * Seals a payload from its beginning, each chunk once. Whole chunks come out of it only in order, so
 * that no nonce can serve twice; a sealer that was started at a later chunk seals that one as the
 * last and no other.
 */
export class ChunkSealer {
  readonly #key: Buffer;
  readonly #onlyLast: boolean;
  #next: number;
  #done = false;

  private constructor(key: Buffer, next: number, onlyLast: boolean) {
    this.#key = key;
    this.#next = next;
    this.#onlyLast = onlyLast;
  }

  /** For a new file key and a new nonce, never for a file that has chunks. */
  static atStart(fileKey: Buffer, payloadNonce: Buffer): ChunkSealer {
    return new ChunkSealer(streamKey(fileKey, payloadNonce), 0, false);
  }

  /** To end a torn file with `chunk`. Its caller answers for the chunk having been sealed as the
   * last one never, or with the same plaintext. */
  static forLast(fileKey: Buffer, payloadNonce: Buffer, chunk: number): ChunkSealer {
    return new ChunkSealer(streamKey(fileKey, payloadNonce), chunk, true);
  }

  /** The number of the next chunk. */
  get next(): number {
    return this.#next;
  }

  /** Seals the next chunk; there must be more plaintext behind it. Answers ciphertext and tag, which
   * belong behind one another: joining them would copy each byte of a camera once more. */
  whole(plaintext: Buffer): readonly [Buffer, Buffer] {
    if (this.#onlyLast || plaintext.length !== CHUNK_BYTES) {
      throw new AppError('internal', 'a chunk before the last must be whole and in order');
    }
    return this.#seal(plaintext, false);
  }

  /** Seals the last chunk, after which there is none; empty only when the payload is. */
  last(plaintext: Buffer): readonly [Buffer, Buffer] {
    if (plaintext.length > CHUNK_BYTES || (plaintext.length === 0 && this.#next > 0)) {
      throw new AppError('internal', 'the last chunk has no such length');
    }
    return this.#seal(plaintext, true);
  }

  #seal(plaintext: Buffer, last: boolean): readonly [Buffer, Buffer] {
    if (this.#done) throw new AppError('internal', 'a chunk was sealed behind the last');
    const nonce = chunkNonce(this.#next, last);
    this.#next += 1;
    this.#done = last;
    const cipher = createCipheriv('chacha20-poly1305', this.#key, nonce, {
      authTagLength: TAG_BYTES,
    });
    const sealed = cipher.update(plaintext);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  }
}

/** Opens chunks of one payload in any order. */
export class ChunkOpener {
  readonly #key: Buffer;

  constructor(fileKey: Buffer, payloadNonce: Buffer) {
    this.#key = streamKey(fileKey, payloadNonce);
  }

  /** The plaintext of `sealed`; `corrupt` unless it is that chunk of this payload, and the last one
   * exactly when `last` says so. */
  open(chunk: number, sealed: Buffer, last: boolean): Buffer {
    const nonce = chunkNonce(chunk, last);
    const plaintextBytes = sealed.length - TAG_BYTES;
    const fits = last
      ? plaintextBytes <= CHUNK_BYTES && plaintextBytes >= (chunk === 0 ? 0 : 1)
      : plaintextBytes === CHUNK_BYTES;
    if (!fits) throw sealedCorrupt('chunk-size', `chunk ${chunk} of ${sealed.length} bytes`);
    const decipher = createDecipheriv('chacha20-poly1305', this.#key, nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(plaintextBytes));
    try {
      const plaintext = decipher.update(sealed.subarray(0, plaintextBytes));
      decipher.final();
      return plaintext;
    } catch (thrown) {
      throw sealedCorrupt('chunk-changed', `chunk ${chunk}`, thrown);
    }
  }
}
