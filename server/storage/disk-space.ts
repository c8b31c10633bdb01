/** How much room the file system of a folder has. */
import { statfs } from 'node:fs/promises';
import { fileError } from './file-error.ts';

/** Bytes of a whole file system. */
export interface DiskSpace {
  /** What this program may still write; what is kept back for the administrator is not in it. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Asks the file system that `path` lies on; throws `io`. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  try {
    const { bsize, blocks, bavail } = await statfs(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (thrown) {
    throw fileError(thrown);
  }
}
