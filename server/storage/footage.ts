/**
 * Footage files: the only code that knows how they are named and what is in them. Today that is
 * the media itself; the sealing issue replaces what this file reads and writes, nothing else.
 *
 * A failed write or fdatasync ends the file for good. The kernel may have dropped the pages whose
 * write-back failed and reports it once only, so a second fdatasync that succeeds proves nothing.
 */
import { constants } from 'node:fs';
import { mkdir, open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../base/atomic-file.ts';
import { AppError, errnoCode } from '../base/errors.ts';
import { fileError } from './file-error.ts';
import type { SegmentPlace } from './segments.ts';

/** What is used of an open file; a `FileHandle` is one. */
export interface FootageFile {
  writev(buffers: readonly Buffer[], position: number): Promise<{ readonly bytesWritten: number }>;
  read(
    target: Buffer,
    at: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  datasync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  stat(): Promise<{ readonly size: number }>;
  close(): Promise<void>;
}

/** What is used of the file system; tests pass one whose n-th call fails. */
export interface FootageFileSystem {
  open(path: string, flags: number, mode: number): Promise<FootageFile>;
  /** True when the folder was made, false when it was there. */
  makeFolder(path: string): Promise<boolean>;
  removeFile(path: string): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/** Six digits sort a run of 1.9 years by name; longer ones only stop sorting. */
const SEQUENCE_DIGITS = 6;

const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** A segment that is being written. Calls must not overlap; its writer serialises them. */
export class SegmentWriter {
  readonly #file: FootageFile;
  #sizeBytes = 0;
  #broken = false;

  constructor(file: FootageFile) {
    this.#file = file;
  }

  /** Bytes that are durable. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * append 1 and 2: writes `buffers` at the end of what is durable and makes them so. Throws an `io`
   * AppError; the segment then takes no more, and what was durable before still is.
   */
  async append(buffers: readonly Buffer[]): Promise<{ offsetBytes: number; sizeBytes: number }> {
    if (this.#broken) throw new AppError('internal', 'a segment that broke was appended to');
    const offsetBytes = this.#sizeBytes;
    try {
      const sizeBytes = await writeAll(this.#file, buffers, offsetBytes);
      await this.#file.datasync();
      this.#sizeBytes = offsetBytes + sizeBytes;
      return { offsetBytes, sizeBytes };
    } catch (thrown) {
      this.#broken = true;
      throw fileError(thrown);
    }
  }

  /** close 2. After a failed append the bytes that do not count are cut off where that works; where
   * it does not, start-up never looks at them, because the row says how many count. */
  async close(): Promise<void> {
    try {
      if (this.#broken) await this.#file.truncate(this.#sizeBytes).catch(() => undefined);
    } finally {
      await this.#file.close().catch(() => undefined);
    }
  }
}

/** A segment that is being read; may be open for writing elsewhere. */
export class SegmentReader {
  readonly #file: FootageFile;

  constructor(file: FootageFile) {
    this.#file = file;
  }

  /** Fills `target` from `offsetBytes` on; `corrupt` when the file ends before. */
  async read(target: Buffer, offsetBytes: number): Promise<void> {
    let done = 0;
    try {
      while (done < target.length) {
        const position = offsetBytes + done;
        const { bytesRead } = await this.#file.read(target, done, target.length - done, position);
        if (bytesRead === 0) throw new AppError('corrupt', 'a footage file is too short');
        done += bytesRead;
      }
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** DATA/footage. */
export class FootageStore {
  readonly #path: string;
  readonly #system: FootageFileSystem;

  constructor(path: string, system: FootageFileSystem = realFileSystem) {
    this.#path = path;
    this.#system = system;
  }

  /**
   * create 2 and 3: the folders and the empty file, all names durable. A file of that name is what a
   * create left that never got a row (invariant one-stray-file); it is removed first.
   */
  async create(place: SegmentPlace): Promise<SegmentWriter> {
    const path = this.#fileOf(place);
    const runFolder = dirname(path);
    try {
      for (const folder of [dirname(runFolder), runFolder]) {
        if (await this.#system.makeFolder(folder)) await this.#system.syncFolder(dirname(folder));
      }
      await this.#removeFile(path);
      const file = await this.#system.open(path, CREATE_FLAGS, 0o600);
      try {
        await this.#system.syncFolder(runFolder);
      } catch (thrown) {
        await file.close();
        throw thrown;
      }
      return new SegmentWriter(file);
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Opens a segment for reading; `not-found`, `io`. */
  async open(place: SegmentPlace): Promise<SegmentReader> {
    try {
      return new SegmentReader(await this.#system.open(this.#fileOf(place), constants.O_RDONLY, 0));
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** How many bytes the file has; undefined when it is not there. */
  async sizeOf(place: SegmentPlace): Promise<number | undefined> {
    try {
      const file = await this.#system.open(this.#fileOf(place), constants.O_RDONLY, 0);
      try {
        return (await file.stat()).size;
      } finally {
        await file.close();
      }
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return undefined;
      throw fileError(thrown);
    }
  }

  /** start-up 2: cuts off what a crash left beyond the counted bytes, durably. */
  async truncate(place: SegmentPlace, sizeBytes: number): Promise<void> {
    try {
      const file = await this.#system.open(this.#fileOf(place), constants.O_WRONLY, 0);
      try {
        await file.truncate(sizeBytes);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Deletes a file; answers whether it was there. */
  async delete(place: SegmentPlace): Promise<boolean> {
    try {
      return await this.#removeFile(this.#fileOf(place));
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** delete 1: deletes files, those that are gone already included, and makes that durable: a file
   * that came back after a power cut would belong to nobody. */
  async deleteAll(places: readonly SegmentPlace[]): Promise<void> {
    try {
      const folders = new Set<string>();
      for (const place of places) {
        const path = this.#fileOf(place);
        if (await this.#removeFile(path)) folders.add(dirname(path));
      }
      for (const folder of folders) await this.#system.syncFolder(folder);
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Removes a run's folder when it is empty; otherwise it stays. */
  async removeRunFolder(cameraId: string, runId: number): Promise<void> {
    await this.#removeFolder(join(this.#path, cameraId, String(runId)));
  }

  /** Removes a camera's folder when it is empty; otherwise it stays. */
  async removeCameraFolder(cameraId: string): Promise<void> {
    await this.#removeFolder(join(this.#path, cameraId));
  }

  #fileOf(place: SegmentPlace): string {
    const name = `${String(place.sequence).padStart(SEQUENCE_DIGITS, '0')}.mp4`;
    return join(this.#path, place.cameraId, String(place.runId), name);
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
}

/** One call takes all buffers as a rule; a disk that is nearly full may take fewer. */
async function writeAll(
  file: FootageFile,
  buffers: readonly Buffer[],
  position: number,
): Promise<number> {
  let rest = buffers.filter((buffer) => buffer.length > 0);
  let written = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, position + written);
    written += bytesWritten;
    rest = afterBytes(rest, bytesWritten);
  }
  return written;
}

/** What is left of `buffers` behind their first `count` bytes. */
function afterBytes(buffers: readonly Buffer[], count: number): Buffer[] {
  let skip = count;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (skip >= buffer.length) {
      skip -= buffer.length;
    } else {
      rest.push(buffer.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

/** The file system of this machine. */
export const realFileSystem: FootageFileSystem = {
  open,
  makeFolder: async (path) => {
    try {
      await mkdir(path, { mode: 0o700 });
      return true;
    } catch (thrown) {
      if (errnoCode(thrown) === 'EEXIST') return false;
      throw thrown;
    }
  },
  removeFile: (path) => rm(path),
  removeFolder: rmdir,
  syncFolder: syncDirectory,
};
