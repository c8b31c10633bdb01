/**
 * DATA/footage and DATA/tails: how files are named, made, opened, ended and deleted. What is in them
 * is sealed; the box can write and count while it is locked, and read only while somebody has
 * unlocked. Steps: docs/design/storage.md.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHUNK_BYTES, chunkAt, ChunkSealer, sealedOffsetOf } from '../age/chunks.ts';
import { errnoCode } from '../base/errors.ts';
import { fileError } from './file-error.ts';
import type { FootageDisk } from './footage-disk.ts';
import type { FileKeys } from './file-keys.ts';
import {
  type FootageFile,
  type FootageFileSystem,
  realFileSystem,
  writeAll,
} from './footage-files.ts';
import { placeOfTail, segmentName, segmentPath, tailName } from './footage-names.ts';
import { SealedFileWriter } from './sealed-file.ts';
import { type FileHeader, HEADER_GUESS_BYTES, readHeader, startOf } from './sealed-header.ts';
import { durablePlaintextBytes } from './segment-extent.ts';
import { checkLabel, readSegmentLabel } from './segment-label.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentWriter, TAIL_MAX_BYTES } from './segment-writer.ts';
import type { SegmentPlace } from './segments.ts';

/** Where it lies, and whose keys it is sealed with. */
export interface FootageStoreParts {
  readonly footagePath: string;
  readonly tailsPath: string;
  readonly fileKeys: FileKeys;
  /** Left out by who only reads, and has looked whose folder it is. */
  readonly disk?: FootageDisk;
  readonly system?: FootageFileSystem;
}

const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** A tail begins anew before it is longer than this and one append. */
const TAIL_READ_MAX_BYTES = 2 * TAIL_MAX_BYTES;

/** A segment that can be read. */
interface OpenSegment {
  readonly reader: SegmentReader;
  readonly header: FileHeader;
  readonly fileKey: Buffer;
}

/** See the head of this file. */
export class FootageStore {
  readonly #footagePath: string;
  readonly #tailsPath: string;
  readonly #system: FootageFileSystem;
  readonly #fileKeys: FileKeys;
  readonly #disk: FootageDisk | undefined;
  /** Names of the segments that are being written. */
  readonly #writing = new Set<string>();

  constructor(parts: FootageStoreParts) {
    const { footagePath, tailsPath, fileKeys, disk, system = realFileSystem } = parts;
    this.#footagePath = footagePath;
    this.#disk = disk;
    this.#tailsPath = tailsPath;
    this.#system = system;
    this.#fileKeys = fileKeys;
  }

  /** Throws `io` with reason `wrong-disk` where something new may not be written. */
  async verify(): Promise<void> {
    await this.#disk?.verifyForNew();
  }

  /**
   * create 2 and 3: the folders and the two empty files, all names durable. Files of that name are
   * what a create left that never got a row (invariant one-stray-file); they are removed first.
   */
  async create(place: SegmentPlace): Promise<SegmentWriter> {
    const path = this.#fileOf(place);
    const runFolder = dirname(path);
    const tailPath = this.#tailOf(place);
    const name = segmentName(place);
    // From here on nobody takes the files for left ones.
    this.#writing.add(name);
    try {
      // Before: where New key comes between, the file ends early for nothing, and not late.
      const { recipient } = this.#fileKeys;
      const header = await this.#fileKeys.newHeader();
      await this.verify();
      for (const folder of [this.#tailsPath, dirname(runFolder), runFolder]) {
        if (await this.#system.makeFolder(folder)) await this.#system.syncFolder(dirname(folder));
      }
      await this.#removeFile(path);
      await this.#removeFile(tailPath);
      const age = await this.#makeFile(path);
      const tail = await this.#makeFile(tailPath).catch(async (thrown: unknown) => {
        await age.close();
        throw thrown;
      });
      await this.#verifyMade({ age, path }, { tail, tailPath });
      return new SegmentWriter({
        ...{ age, tail, header, name },
        isOutdated: () => this.#fileKeys.recipient !== recipient,
        removeTail: () => this.#system.removeFile(tailPath),
        onClosed: () => {
          this.#writing.delete(name);
        },
      });
    } catch (thrown) {
      this.#writing.delete(name);
      throw fileError(thrown);
    }
  }

  /** Opens a segment for reading. `not-found`, `io`; `locked` while nobody has unlocked; `corrupt` when
   * its header does not open or it is another segment. */
  async open(place: SegmentPlace): Promise<SegmentReader> {
    return (await this.#open(place)).reader;
  }

  /** How much plaintext is there, by lengths alone: works while the box is locked. Undefined when
   * there is no file. */
  async durableBytes(place: SegmentPlace): Promise<number | undefined> {
    try {
      const file = await this.#system.open(this.#fileOf(place), constants.O_RDONLY, 0);
      try {
        const { totalBytes } = await readHeader(file);
        const payloadBytes = (await file.stat()).size - totalBytes;
        return durablePlaintextBytes(payloadBytes, await this.#readTail(place));
      } finally {
        await file.close();
      }
    } catch (thrown) {
      const error = fileError(thrown);
      if (error.kind === 'not-found') return undefined;
      // A file that was made, and whose header did not get there.
      if (error.kind === 'corrupt') return 0;
      throw error;
    }
  }

  /** How long its file is, header and all; 0 when there is none. */
  async fileBytes(place: SegmentPlace): Promise<number> {
    try {
      const file = await this.#system.open(this.#fileOf(place), constants.O_RDONLY, 0);
      try {
        return (await file.stat()).size;
      } finally {
        await file.close();
      }
    } catch (thrown) {
      const error = fileError(thrown);
      if (error.kind === 'not-found') return 0;
      throw error;
    }
  }

  /** Segments whose files are unfinished, and nobody here is writing them. */
  async unfinished(): Promise<SegmentPlace[]> {
    return (await this.withTail()).filter((place) => !this.isWriting(place));
  }

  /** Segments that have a tail: being written, or unfinished. */
  async withTail(): Promise<SegmentPlace[]> {
    try {
      const names = await this.#system.listFolder(this.#tailsPath);
      return names.flatMap((name) => placeOfTail(name) ?? []);
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return [];
      throw fileError(thrown);
    }
  }

  /**
   * finish 1 to 3 (docs/design/storage.md): gives an unfinished segment its last chunk, over exactly
   * `countedBytes` of plaintext. `corrupt` when those are not there; nothing is changed then.
   */
  async finish(place: SegmentPlace, countedBytes: number): Promise<void> {
    await this.#disk?.verify();
    const opened = await this.#open(place);
    try {
      if (!(await opened.reader.endsWith(countedBytes))) {
        await this.#writeLast(place, opened, countedBytes);
      }
    } finally {
      await opened.reader.close();
    }
    await this.#guard(() => this.#removeFile(this.#tailOf(place)));
  }

  /** Whether somebody here is writing it. */
  isWriting(place: SegmentPlace): boolean {
    return this.#writing.has(segmentName(place));
  }

  /**
   * reseal 1 to 3: a torn segment that no row counts becomes a finished one of its first
   * `countedBytes`, under a file key of its own. Under its old one the last chunk may have been
   * sealed before, over other bytes, and no row says which.
   */
  reseal(place: SegmentPlace, countedBytes: number): Promise<void> {
    return this.#guard(async () => {
      const path = this.#fileOf(place);
      const part = `${path}.part`;
      const { reader } = await this.#open(place);
      try {
        const writer = await SealedFileWriter.create(part, this.#fileKeys);
        try {
          for (let at = 0; at < countedBytes; at += CHUNK_BYTES) {
            const piece = Buffer.alloc(Math.min(CHUNK_BYTES, countedBytes - at));
            await reader.read(piece, at);
            await writer.write(piece);
          }
        } catch (thrown) {
          await writer.abandon();
          throw thrown;
        }
        await writer.finish();
      } finally {
        await reader.close();
      }
      await this.#system.rename(part, path);
      await this.#system.syncFolder(dirname(path));
      await this.#removeFile(this.#tailOf(place));
    });
  }

  /** Deletes a segment; answers whether it was there. */
  delete(place: SegmentPlace): Promise<boolean> {
    return this.#guard(async () => {
      await this.#disk?.verify();
      const wasThere = await this.#removeFile(this.#fileOf(place));
      await this.#removeFile(this.#tailOf(place));
      return wasThere;
    });
  }

  /** delete 1: deletes segments, those that are gone already included, and makes that durable: a file
   * that came back after a power cut would belong to nobody. Their headers are overwritten before (G5):
   * without the file key in it, what a disk still has of a file opens with no key. */
  deleteAll(places: readonly SegmentPlace[]): Promise<void> {
    return this.#guard(async () => {
      // Elsewhere they would all be gone already, and their rows would go, too.
      await this.#disk?.verify();
      const folders = new Set<string>();
      for (const place of places) {
        await this.#overwriteHeader(this.#fileOf(place));
        for (const path of [this.#fileOf(place), this.#tailOf(place)]) {
          if (await this.#removeFile(path)) folders.add(dirname(path));
        }
      }
      for (const folder of folders) await this.#system.syncFolder(folder);
    });
  }

  /** Removes a run's folder when it is empty; otherwise it stays. */
  async removeRunFolder(cameraId: string, runId: number): Promise<void> {
    await this.#removeFolder(join(this.#footagePath, cameraId, String(runId)));
  }

  /** Removes a camera's folder when it is empty; otherwise it stays. */
  async removeCameraFolder(cameraId: string): Promise<void> {
    await this.#removeFolder(join(this.#footagePath, cameraId));
  }

  async #open(place: SegmentPlace): Promise<OpenSegment> {
    return this.#guard(async () => {
      const path = this.#fileOf(place);
      const file = await this.#system
        .open(path, constants.O_RDONLY, 0)
        .catch(async (thrown: unknown) => {
          // Missing, or somewhere else with all the others?
          await this.#disk?.verify();
          throw thrown;
        });
      try {
        const header = await readHeader(file);
        const { text, payloadNonce, totalBytes } = header;
        const { fileKey, isNew } = await this.#fileKeys.of(text);
        const reader = new SegmentReader({
          ...{ file, fileKey, payloadNonce, headerBytes: totalBytes, name: segmentName(place) },
          readTail: () => this.#readTail(place),
        });
        if (isNew) {
          checkLabel(await readSegmentLabel((target, at) => reader.read(target, at)), place);
        }
        return { reader, header, fileKey };
      } catch (thrown) {
        await file.close();
        throw thrown;
      }
    });
  }

  /** finish 1 and 2. */
  async #writeLast(place: SegmentPlace, opened: OpenSegment, countedBytes: number): Promise<void> {
    const { reader, header, fileKey } = opened;
    const { chunk, offset } = chunkAt(countedBytes - 1);
    const plaintext = Buffer.alloc(offset + 1);
    await reader.read(plaintext, countedBytes - plaintext.length);
    const sealed = ChunkSealer.forLast(fileKey, header.payloadNonce, chunk).last(plaintext);
    const at = header.totalBytes + sealedOffsetOf(chunk);
    await this.#guard(async () => {
      const file = await this.#system.open(this.#fileOf(place), constants.O_WRONLY, 0);
      try {
        await file.truncate(at);
        await writeAll(file, sealed, at);
        await file.datasync();
      } finally {
        await file.close();
      }
    });
  }

  async #overwriteHeader(path: string): Promise<void> {
    let file: FootageFile;
    try {
      file = await this.#system.open(path, constants.O_WRONLY, 0);
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return;
      throw thrown;
    }
    try {
      await writeAll(file, [randomBytes(HEADER_GUESS_BYTES)], 0);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async #readTail(place: SegmentPlace): Promise<Buffer | undefined> {
    let file: FootageFile;
    try {
      file = await this.#system.open(this.#tailOf(place), constants.O_RDONLY, 0);
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return undefined;
      throw thrown;
    }
    try {
      const { size } = await file.stat();
      return await startOf(file, Math.min(size, TAIL_READ_MAX_BYTES));
    } finally {
      await file.close();
    }
  }

  /** What was made on another disk, because it came between, is taken away again. */
  async #verifyMade(
    { age, path }: { readonly age: FootageFile; readonly path: string },
    { tail, tailPath }: { readonly tail: FootageFile; readonly tailPath: string },
  ): Promise<void> {
    try {
      await this.#disk?.verifyMade([age, tail]);
    } catch (thrown) {
      await age.close();
      await tail.close();
      await this.#removeFile(path);
      await this.#removeFile(tailPath);
      throw thrown;
    }
  }

  async #makeFile(path: string): Promise<FootageFile> {
    const file = await this.#system.open(path, CREATE_FLAGS, 0o600);
    try {
      await this.#system.syncFolder(dirname(path));
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    return file;
  }

  #fileOf(place: SegmentPlace): string {
    return segmentPath(this.#footagePath, place);
  }

  #tailOf(place: SegmentPlace): string {
    return join(this.#tailsPath, tailName(place));
  }

  async #removeFile(path: string): Promise<boolean> {
    try {
      await this.#system.removeFile(path);
      return true;
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return false;
      throw thrown;
    }
  }

  async #removeFolder(path: string): Promise<void> {
    try {
      await this.#system.removeFolder(path);
    } catch (thrown) {
      const code = errnoCode(thrown);
      if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw fileError(thrown);
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw fileError(thrown);
    }
  }
}
