/**
 * Reads one segment at plaintext offsets, chunk by chunk, also while it is being written or after a
 * crash: what is not in a whole chunk is in the last one or in the tail.
 */
import { CHUNK_BYTES, chunkAt, ChunkOpener, SEALED_CHUNK_BYTES, TAG_BYTES } from '../age/chunks.ts';
import { BufferPool } from '../base/buffer-pool.ts';
import { AppError } from '../base/errors.ts';
import { giveBack } from '../base/give-back.ts';
import { fileError } from './file-error.ts';
import { type FootageFile, readUpTo } from './footage-files.ts';
import { type TailBinding, TailOpener, tailRecords } from './tail.ts';

/** What it is made of. */
export interface SegmentReaderParts extends TailBinding {
  readonly file: FootageFile;
  /** Bytes of the file before the first chunk. */
  readonly headerBytes: number;
  /** The tail as it is now; undefined when there is none. */
  readonly readTail: () => Promise<Buffer | undefined>;
}

/** A file that is finished between two looks has its chunk in another place at the second one. */
const LOOKS_MAX = 3;

/** How many chunks are read at once: half a megabyte, a group of pictures of 2 Mbit/s. */
const BATCH_CHUNKS = 8;

/** What is read from files, a batch and the chunk behind it: ciphertext only. One for each
 * thread that reads files (libuv has four); 2.4 MB. */
const sealedBuffers = new BufferPool({
  ...{ sizeBytes: (BATCH_CHUNKS + 1) * SEALED_CHUNK_BYTES, spareMax: 4, secret: false },
});

/** A segment that is being read. */
export class SegmentReader {
  readonly #file: FootageFile;
  readonly #headerBytes: number;
  readonly #opener: ChunkOpener;
  readonly #tailOpener: TailOpener;
  readonly #readTail: () => Promise<Buffer | undefined>;
  /** Reads come in order as a rule, a few in each chunk. Only whole chunks are kept. */
  #last: { readonly chunk: number; readonly plaintext: Buffer } | undefined;
  /** A whole chunk was seen behind each of the first so many: no writing can touch them any more. */
  #settledChunks = 0;

  constructor({ file, headerBytes, readTail, ...binding }: SegmentReaderParts) {
    this.#file = file;
    this.#headerBytes = headerBytes;
    this.#opener = new ChunkOpener(binding.fileKey, binding.payloadNonce);
    this.#tailOpener = new TailOpener(binding);
    this.#readTail = readTail;
  }

  /** Fills `target` from `offsetBytes` of the plaintext on; calls must not overlap. `corrupt` when the segment ends before, or
   * when a byte of it is not what was sealed. */
  async read(target: Buffer, offsetBytes: number): Promise<void> {
    try {
      let mayBeSettled = true;
      for (let done = 0; done < target.length;) {
        if (mayBeSettled) {
          const settled = await this.#settled(target.subarray(done), offsetBytes + done);
          done += settled.bytes;
          mayBeSettled = settled.goesOn;
        }
        if (done === target.length) break;
        const { chunk, offset } = chunkAt(offsetBytes + done);
        const neededBytes = Math.min(CHUNK_BYTES, offset + target.length - done);
        const plaintext = await this.#chunk(chunk, neededBytes);
        done += plaintext.copy(target, done, offset, neededBytes);
      }
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Whether the last chunk is there and is the end of so much plaintext. */
  async endsWith(countedBytes: number): Promise<boolean> {
    const { chunk, offset } = chunkAt(countedBytes - 1);
    const { whole, restBytes } = await this.#extent();
    const sealedBytes = offset + 1 + TAG_BYTES;
    const isThere =
      sealedBytes === SEALED_CHUNK_BYTES
        ? whole === chunk + 1 && restBytes === 0
        : whole === chunk && restBytes === sealedBytes;
    if (!isThere) return false;
    return (await this.#openLast(chunk, sealedBytes)) !== undefined;
  }

  async close(): Promise<void> {
    if (this.#last !== undefined) giveBack(this.#last.plaintext);
    this.#last = undefined;
    await this.#file.close();
  }

  /**
   * Fills the beginning of `target` from chunks that no writing can touch any more, many with one read;
   * nothing where the first one is not of that kind or is at hand. Where it is not known how far such
   * chunks go, one more is read: asking for the length first is one more wait for a thread, and waits
   * are what a seek consists of. `goesOn`: there may be more of them.
   */
  async #settled(
    target: Buffer,
    offsetBytes: number,
  ): Promise<{ readonly bytes: number; readonly goesOn: boolean }> {
    const { chunk: first, offset } = chunkAt(offsetBytes);
    if (this.#last?.chunk === first) return { bytes: 0, goesOn: true };
    const wanted = Math.min(Math.ceil((offset + target.length) / CHUNK_BYTES), BATCH_CHUNKS);
    const isKnown = first + wanted <= this.#settledChunks;
    const readBytes = (isKnown ? wanted : wanted + 1) * SEALED_CHUNK_BYTES;
    return this.#withSealed(first, readBytes, (sealed) => {
      const whole = Math.floor(sealed.length / SEALED_CHUNK_BYTES);
      // The last whole one may be the last of all, or become it.
      const count = isKnown ? whole : Math.max(0, whole - 1);
      this.#settledChunks = Math.max(this.#settledChunks, first + count);
      let bytes = 0;
      for (let index = 0; index < count; index += 1) {
        const at = index * SEALED_CHUNK_BYTES;
        const chunk = first + index;
        const piece = sealed.subarray(at, at + SEALED_CHUNK_BYTES);
        const plaintext = this.#opener.open(chunk, piece, false);
        bytes += plaintext.copy(target, bytes, index === 0 ? offset : 0);
        this.#keep(chunk, plaintext);
      }
      return { bytes, goesOn: sealed.length === readBytes };
    });
  }

  /** At least `neededBytes` of a chunk. */
  async #chunk(chunk: number, neededBytes: number): Promise<Buffer> {
    if (this.#last?.chunk === chunk) return this.#last.plaintext;
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const plaintext = (await this.#ofFile(chunk)) ?? (await this.#ofTail(chunk));
      if (plaintext === undefined || plaintext.length < neededBytes) continue;
      if (plaintext.length === CHUNK_BYTES) this.#keep(chunk, plaintext);
      return plaintext;
    }
    throw new AppError('corrupt', 'a footage file is too short', { reason: 'segment-short' });
  }

  #keep(chunk: number, plaintext: Buffer): void {
    if (this.#last !== undefined) giveBack(this.#last.plaintext);
    this.#last = { chunk, plaintext };
  }

  /** From the file itself; undefined where it does not have the chunk, or has begun to write it. */
  async #ofFile(chunk: number): Promise<Buffer | undefined> {
    const { whole, restBytes } = await this.#extent();
    if (chunk < whole) {
      const mayBeLast = chunk === whole - 1 && restBytes === 0;
      return this.#withSealed(chunk, SEALED_CHUNK_BYTES, (sealed) => {
        const last = mayBeLast ? this.#tryOpen(chunk, sealed, true) : undefined;
        return last ?? this.#opener.open(chunk, sealed, false);
      });
    }
    if (chunk > whole || restBytes <= TAG_BYTES) return undefined;
    return this.#openLast(chunk, restBytes);
  }

  #openLast(chunk: number, sealedBytes: number): Promise<Buffer | undefined> {
    return this.#withSealed(chunk, sealedBytes, (sealed) => this.#tryOpen(chunk, sealed, true));
  }

  async #ofTail(chunk: number): Promise<Buffer | undefined> {
    const tail = await this.#readTail();
    return tail === undefined ? undefined : this.#tailOpener.chunk(tailRecords(tail), chunk);
  }

  #tryOpen(chunk: number, sealed: Buffer, last: boolean): Buffer | undefined {
    try {
      return this.#opener.open(chunk, sealed, last);
    } catch {
      // Not that chunk, or not written to its end: the tail knows, and if not, it is too short.
      return undefined;
    }
  }

  async #extent(): Promise<{ whole: number; restBytes: number }> {
    const payloadBytes = Math.max(0, (await this.#file.stat()).size - this.#headerBytes);
    const whole = Math.floor(payloadBytes / SEALED_CHUNK_BYTES);
    return { whole, restBytes: payloadBytes - whole * SEALED_CHUNK_BYTES };
  }

  /** What the file has of so many bytes from a chunk on; `use` keeps no part of it. */
  #withSealed<T>(chunk: number, sizeBytes: number, use: (sealed: Buffer) => T): Promise<T> {
    const at = this.#headerBytes + chunk * SEALED_CHUNK_BYTES;
    return sealedBuffers.lend(async (buffer) => {
      const sealed = buffer.subarray(0, sizeBytes);
      return use(sealed.subarray(0, await readUpTo(this.#file, sealed, at)));
    });
  }
}
