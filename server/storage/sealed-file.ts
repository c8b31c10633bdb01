/**
 * A file that is written once, from beginning to end, and sealed as segments are: a finished export.
 * Another key each time, so a file that is begun again shares nothing with what was there before.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES, ChunkSealer, plaintextBytesOf } from '../age/chunks.ts';
import {
  HEADER_MAX_BYTES,
  headerExtent,
  payloadNonceOf,
  type SealedHeader,
} from '../age/header.ts';
import { fileError } from './file-error.ts';
import type { FileKeys } from './file-keys.ts';
import { readUpTo, writeAll } from './footage-files.ts';
import { durablePlaintextBytes } from './segment-extent.ts';
import { SegmentReader } from './segment-reader.ts';

/** Writes one. Calls must not overlap; `finish` or `abandon` is the last. */
export class SealedFileWriter {
  readonly #file: FileHandle;
  readonly #sealer: ChunkSealer;
  /** Plaintext that fills no chunk yet, or fills one that may be the last. */
  #open = Buffer.alloc(0);
  #at: number;

  private constructor(file: FileHandle, header: SealedHeader) {
    this.#file = file;
    this.#sealer = ChunkSealer.atStart(header.fileKey, header.payloadNonce);
    this.#at = header.bytes.length;
    header.fileKey.fill(0);
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
    const all = Buffer.concat([this.#open, plaintext]);
    const sealed: Buffer[] = [];
    let at = 0;
    for (; all.length - at > CHUNK_BYTES; at += CHUNK_BYTES) {
      sealed.push(...this.#sealer.whole(all.subarray(at, at + CHUNK_BYTES)));
    }
    this.#open = Buffer.from(all.subarray(at));
    this.#at += await writeAll(this.#file, sealed, this.#at);
  }

  /** The last chunk; durable when it resolves. */
  async finish(): Promise<void> {
    try {
      await writeAll(this.#file, this.#sealer.last(this.#open), this.#at);
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Closes it as it is. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }
}

/** How much plaintext a finished file has, by its length; works while the box is locked. */
export async function sealedFileBytes(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { totalBytes } = headerExtent(await startOf(file));
    return plaintextBytesOf((await file.stat()).size - totalBytes);
  } finally {
    await file.close();
  }
}

/** How much plaintext lies in one that may be torn, by its length; no last chunk is asked for. */
export async function tornFileBytes(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { totalBytes } = headerExtent(await startOf(file));
    return durablePlaintextBytes((await file.stat()).size - totalBytes, undefined);
  } finally {
    await file.close();
  }
}

/** Opens a finished file; `locked` while nobody has unlocked. The caller closes the reader. */
export async function openSealedFile(path: string, keys: FileKeys): Promise<SegmentReader> {
  const file = await open(path, 'r');
  try {
    const start = await startOf(file);
    const extent = headerExtent(start);
    const { fileKey } = await keys.of(start.subarray(0, extent.textBytes));
    return new SegmentReader({
      ...{ file, fileKey, headerBytes: extent.totalBytes, name: '' },
      payloadNonce: payloadNonceOf(start, extent),
      // It was finished before it got its name.
      readTail: () => Promise.resolve(undefined),
    });
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function startOf(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(HEADER_MAX_BYTES);
  return bytes.subarray(0, await readUpTo(file, bytes, 0));
}
