/**
 * A file that is written once, from beginning to end, and sealed as segments are: a finished export.
 * Another key each time, so a file that is begun again shares nothing with what was there before.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { ChunkFiller } from '../age/chunk-filler.ts';
import { ChunkSealer, plaintextBytesOf } from '../age/chunks.ts';
import type { SealedHeader } from '../age/header.ts';
import { giveBack } from '../base/give-back.ts';
import { fileError } from './file-error.ts';
import type { FileKeys } from './file-keys.ts';
import { writeAll } from './footage-files.ts';
import { readHeader } from './sealed-header.ts';
import { durablePlaintextBytes } from './segment-extent.ts';
import { SegmentReader } from './segment-reader.ts';

/** Writes one. Calls must not overlap; `finish` or `abandon` is the last. */
export class SealedFileWriter {
  readonly #file: FileHandle;
  readonly #filler: ChunkFiller;
  #at: number;

  private constructor(file: FileHandle, { bytes, fileKey, payloadNonce }: SealedHeader) {
    this.#file = file;
    this.#filler = new ChunkFiller(ChunkSealer.atStart(fileKey, payloadNonce));
    this.#at = bytes.length;
    fileKey.fill(0);
  }

  /** Makes the file, or begins the one that is there anew. */
  static async create(path: string, keys: FileKeys): Promise<SealedFileWriter> {
    const header = await keys.newHeader();
    const file = await open(path, 'w', 0o600);
    try {
      await writeAll(file, [header.bytes], 0);
      return new SealedFileWriter(file, header);
    } catch (thrown) {
      await file.close();
      throw fileError(thrown);
    }
  }

  async write(plaintext: Buffer): Promise<void> {
    const chunks = this.#filler.push([plaintext]);
    this.#at += await writeAll(this.#file, chunks, this.#at);
    chunks.forEach(giveBack);
  }

  /** The last chunk; durable when it resolves. */
  async finish(): Promise<void> {
    try {
      await writeAll(this.#file, this.#filler.last(), this.#at);
      await this.#file.sync();
    } finally {
      await this.#close();
    }
  }

  /** Closes it as it is. */
  async abandon(): Promise<void> {
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#filler.forget();
    await this.#file.close();
  }
}

/** How much plaintext a finished file has, by its length; works while the box is locked. `corrupt` for a
 * length that no finished file has. */
export async function sealedFileBytes(path: string): Promise<number> {
  return plaintextBytesOf(await payloadBytesOf(path));
}

/** How much plaintext lies in one that may be torn, by its length; no last chunk is asked for. */
export async function tornFileBytes(path: string): Promise<number> {
  return durablePlaintextBytes(await payloadBytesOf(path), undefined);
}

/** Opens a finished file; `locked` while nobody has unlocked. The caller closes the reader. */
export async function openSealedFile(path: string, keys: FileKeys): Promise<SegmentReader> {
  const file = await open(path, 'r');
  try {
    const { text, totalBytes, payloadNonce } = await readHeader(file);
    const { fileKey } = await keys.of(text);
    return new SegmentReader({
      ...{ file, fileKey, payloadNonce, headerBytes: totalBytes, name: '' },
      // It was finished before it got its name.
      readTail: () => Promise.resolve(undefined),
    });
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function payloadBytesOf(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { totalBytes } = await readHeader(file);
    return (await file.stat()).size - totalBytes;
  } finally {
    await file.close();
  }
}
