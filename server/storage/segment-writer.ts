/**
 * Writes one segment: an age file that grows by whole chunks, and beside it the tail with the open
 * one. Steps and invariants: docs/design/storage.md and docs/design/sealing.md.
 *
 * A failed write or fdatasync ends the file for good. The kernel may have dropped the pages whose
 * write-back failed and reports it once only, so a second fdatasync that succeeds proves nothing.
 */
import { ChunkFiller } from '../age/chunk-filler.ts';
import { CHUNK_BYTES, ChunkSealer } from '../age/chunks.ts';
import type { SealedHeader } from '../age/header.ts';
import { AppError } from '../base/errors.ts';
import { giveBack } from '../base/give-back.ts';
import { fileError } from './file-error.ts';
import { type FootageFile, writeAll } from './footage-files.ts';
import { TailSealer } from './tail.ts';

/** A tail that is longer than this begins anew: 60 appends of a chunk each, a minute of a camera. */
export const TAIL_MAX_BYTES = 60 * CHUNK_BYTES;

/** What it is made of. */
export interface SegmentWriterParts {
  readonly age: FootageFile;
  readonly tail: FootageFile;
  readonly header: SealedHeader;
  /** Camera, run and sequence, as in the path. */
  readonly name: string;
  readonly removeTail: () => Promise<void>;
  readonly onClosed: () => void;
}

/** Plaintext that was appended: where it lies in the segment. */
export interface Appended {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** A segment as the recorder sees it. */
export interface WritableSegment {
  append(buffers: readonly Buffer[]): Promise<Appended>;
  close(countedBytes: number): Promise<void>;
}

/** A segment that is being written. Calls must not overlap; the recording writer serialises them. */
export class SegmentWriter implements WritableSegment {
  readonly #age: FootageFile;
  readonly #tail: FootageFile;
  readonly #filler: ChunkFiller;
  readonly #tailSealer: TailSealer;
  readonly #removeTail: () => Promise<void>;
  readonly #onClosed: () => void;
  /** Until it is written. */
  #header: Buffer | undefined;
  #sizeBytes = 0;
  #ageBytes = 0;
  #tailBytes = 0;
  #broken = false;

  constructor({ age, tail, header, name, removeTail, onClosed }: SegmentWriterParts) {
    const { fileKey, payloadNonce } = header;
    this.#age = age;
    this.#tail = tail;
    this.#header = header.bytes;
    this.#filler = new ChunkFiller(ChunkSealer.atStart(fileKey, payloadNonce));
    this.#tailSealer = new TailSealer({ fileKey, payloadNonce, name });
    this.#removeTail = removeTail;
    this.#onClosed = onClosed;
    fileKey.fill(0);
  }

  /** Plaintext that is durable. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * append 1 and 2: seals `buffers` behind what is durable and makes them so. Throws an `io` AppError;
   * the segment then takes no more, and what was durable before still is.
   */
  async append(buffers: readonly Buffer[]): Promise<Appended> {
    if (this.#broken) throw new AppError('internal', 'a segment that broke was appended to');
    // Until all of it is durable. What was sealed for it is never sealed again.
    this.#broken = true;
    const filler = this.#filler;
    const heldBytes = filler.open.length;
    const addedBytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const chunks = filler.push(buffers);
    const isNewChunk = chunks.length > 0;
    try {
      await this.#grow(chunks);
      const fromBytes = isNewChunk ? 0 : heldBytes;
      const added = filler.open.subarray(fromBytes);
      const record = this.#tailSealer.seal(filler.chunk, fromBytes, added);
      await this.#mirror(record, isNewChunk);
    } catch (thrown) {
      throw fileError(thrown);
    }
    this.#broken = false;
    const offsetBytes = this.#sizeBytes;
    this.#sizeBytes += addedBytes;
    return { offsetBytes, sizeBytes: addedBytes };
  }

  /**
   * close 2 to 4. The last chunk is sealed only over the bytes that the row counts: otherwise the same
   * nonce could seal others after a crash. Where they are not the ones that were appended, where there
   * are none, and after a failed append, the tail stays and says that the file is unfinished.
   */
  async close(countedBytes: number): Promise<void> {
    try {
      const isAllCounted = !this.#broken && countedBytes > 0 && countedBytes === this.#sizeBytes;
      if (isAllCounted) await this.#finish();
    } catch (thrown) {
      throw fileError(thrown);
    } finally {
      this.#filler.forget();
      await this.#age.close().catch(() => undefined);
      await this.#tail.close().catch(() => undefined);
      this.#onClosed();
    }
  }

  /** append 1. Nothing is synced where nothing was written. */
  async #grow(chunks: readonly Buffer[]): Promise<void> {
    const buffers = this.#header === undefined ? chunks : [this.#header, ...chunks];
    if (buffers.length === 0) return;
    this.#ageBytes += await writeAll(this.#age, buffers, this.#ageBytes);
    chunks.forEach(giveBack);
    await this.#age.datasync();
    this.#header = undefined;
  }

  /** append 2. A tail may begin anew only when the chunks of its records are durable in the segment. */
  async #mirror(record: Buffer, isNewChunk: boolean): Promise<void> {
    if (isNewChunk && this.#tailBytes + record.length > TAIL_MAX_BYTES) {
      await this.#tail.truncate(0);
      this.#tailBytes = 0;
    }
    this.#tailBytes += await writeAll(this.#tail, [record], this.#tailBytes);
    await this.#tail.datasync();
  }

  async #finish(): Promise<void> {
    await writeAll(this.#age, this.#filler.last(), this.#ageBytes);
    await this.#age.datasync();
    await this.#removeTail();
  }
}
