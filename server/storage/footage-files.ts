/** The file system as footage needs it: what is called is listed here, so that tests can break any call. */
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { syncDirectory } from '../base/atomic-file.ts';
import { errnoCode } from '../base/errors.ts';

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
  stat(): Promise<{ readonly size: number; readonly dev: number; readonly mtimeMs: number }>;
  close(): Promise<void>;
}

/** What is used of the file system; tests pass one whose n-th call fails. */
export interface FootageFileSystem {
  open(path: string, flags: number, mode: number): Promise<FootageFile>;
  /** True when the folder was made, false when it was there. */
  makeFolder(path: string): Promise<boolean>;
  removeFile(path: string): Promise<void>;
  /** Replaces what has the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** Names in a folder. */
  listFolder(path: string): Promise<string[]>;
}

/** Writes all of `buffers` from `position` on; answers how many bytes that were. One call takes them
 * all as a rule; a disk that is nearly full may take fewer. */
export async function writeAll(
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

/** Fills as much of `target` as the file has from `position` on; answers how much that was. */
export async function readUpTo(
  file: FootageFile,
  target: Buffer,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
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
  rename,
  removeFolder: rmdir,
  syncFolder: syncDirectory,
  listFolder: (path) => readdir(path),
};
