/**
 * Writes one segment: an age file that grows by whole chunks, and beside it the tail with the open
 * one. Steps and invariants: docs/design/storage.md and docs/design/sealing.md.
 *
 * A failed fdatasync ends the file for good: the kernel may have dropped the pages whose write-back
 * failed and reports it once only, so a second fdatasync that succeeds proves nothing. A write that is
 * refused because the disk is full has taken nothing back: its bytes may be written once more.
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
  readonly isOutdated: () => boolean;
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
  /** The last append was refused for want of room, and can be done once more. */
  readonly canAppendAgain: boolean;
  appendAgain(): Promise<Appended>;
  /** There was a new key since: nothing recorded from now on is to be read with the older one. */
  readonly isOutdated: boolean;
  close(countedBytes: number): Promise<void>;
}

/** What an append puts on the disk: sealed once, and the same bytes however often it is written. */
interface SealedAppend {
  readonly chunks: readonly Buffer[];
  readonly record: Buffer;
  readonly isNewChunk: boolean;
  /** Plaintext. */
  readonly addedBytes: number;
}

/** A segment that is being written. Calls must not overlap; the recording writer serialises them. */
export class SegmentWriter implements WritableSegment {
  readonly #age: FootageFile;
  readonly #tail: FootageFile;
  readonly #filler: ChunkFiller;
  readonly #tailSealer: TailSealer;
  readonly #isOutdated: () => boolean;
  readonly #removeTail: () => Promise<void>;
  readonly #onClosed: () => void;
  /** Until it is written. */
  #header: Buffer | undefined;
  #sizeBytes = 0;
  #ageBytes = 0;
  #tailBytes = 0;
  #broken = false;
  /** What a full disk refused; nothing of it was synced in vain. */
  #refused: SealedAppend | undefined;

  constructor({ age, tail, header, name, ...told }: SegmentWriterParts) {
    const { fileKey, payloadNonce } = header;
    this.#age = age;
    this.#tail = tail;
    this.#header = header.bytes;
    this.#filler = new ChunkFiller(ChunkSealer.atStart(fileKey, payloadNonce));
    this.#tailSealer = new TailSealer({ fileKey, payloadNonce, name });
    this.#isOutdated = told.isOutdated;
    this.#removeTail = told.removeTail;
    this.#onClosed = told.onClosed;
    fileKey.fill(0);
  }

  /** See `WritableSegment`. */
  get isOutdated(): boolean {
    return this.#isOutdated();
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
    const fromBytes = isNewChunk ? 0 : heldBytes;
    const record = this.#tailSealer.seal(filler.chunk, fromBytes, filler.open.subarray(fromBytes));
    return this.#write({ chunks, record, isNewChunk, addedBytes });
  }

  /** See `WritableSegment`. */
  get canAppendAgain(): boolean {
    return this.#refused !== undefined;
  }

  /** append 1 and 2 again, of an append that was refused for want of room: the same sealed bytes at the
   * same places, so no nonce seals anything else. Throws as `append` does. */
  async appendAgain(): Promise<Appended> {
    const refused = this.#refused;
    if (refused === undefined) throw new AppError('internal', 'no append of a segment was refused');
    this.#refused = undefined;
    return this.#write(refused);
  }

  async #write(append: SealedAppend): Promise<Appended> {
    try {
      await this.#grow(append);
      await this.#mirror({ ...append, chunks: [] });
    } catch (thrown) {
      throw fileError(thrown);
    }
    this.#broken = false;
    const offsetBytes = this.#sizeBytes;
    this.#sizeBytes += append.addedBytes;
    return { offsetBytes, sizeBytes: append.addedBytes };
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
  async #grow(append: SealedAppend): Promise<void> {
    const { chunks } = append;
    const buffers = this.#header === undefined ? chunks : [this.#header, ...chunks];
    if (buffers.length === 0) return;
    this.#ageBytes += await this.#put(this.#age, buffers, { at: this.#ageBytes, append });
    chunks.forEach(giveBack);
    await this.#age.datasync();
    this.#header = undefined;
  }

  /** append 2; `rest` is what is still to be written of an append. A tail may begin anew only when the
   * chunks of its records are durable in the segment. */
  async #mirror(rest: SealedAppend): Promise<void> {
    const { record, isNewChunk } = rest;
    if (isNewChunk && this.#tailBytes + record.length > TAIL_MAX_BYTES) {
      await this.#tail.truncate(0);
      this.#tailBytes = 0;
    }
    const at = this.#tailBytes;
    this.#tailBytes += await this.#put(this.#tail, [record], { at, append: rest });
    await this.#tail.datasync();
  }

  /** Writes, and remembers what a full disk refused. */
  async #put(
    file: FootageFile,
    buffers: readonly Buffer[],
    { at, append }: { readonly at: number; readonly append: SealedAppend },
  ): Promise<number> {
    try {
      return await writeAll(file, buffers, at);
    } catch (thrown) {
      const error = fileError(thrown);
      if (error.reason === 'disk-full') this.#refused = append;
      throw error;
    }
  }

  async #finish(): Promise<void> {
    await writeAll(this.#age, this.#filler.last(), this.#ageBytes);
    await this.#age.datasync();
    await this.#removeTail();
  }
}
