/** How much room the file system of a folder has. */
import { statfs } from 'node:fs/promises';
import { fileError } from './file-error.ts';

/** Bytes of a whole file system. */
export interface DiskSpace {
  /** What this program may still write; what is kept back for the administrator is not in it. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Files that can still be made, and all there can be; 0 of 0 where the file system knows no limit. */
  readonly freeFiles: number;
  readonly totalFiles: number;
}

/** Asks the file system that `path` lies on; throws `io`. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  try {
    const { bsize, blocks, bavail, ffree, files } = await statfs(path);
    const bytes = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    return { ...bytes, freeFiles: ffree, totalFiles: files };
  } catch (thrown) {
    throw fileError(thrown);
  }
}
