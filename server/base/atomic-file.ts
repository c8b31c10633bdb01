/** A file that is either the old one or the new one, never half of either, also after a power cut. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { AppError } from './errors.ts';

/**
 * Replaces `path` by `content`. Steps: 1 write a temporary file beside it, 2 fsync it, 3 rename,
 * 4 fsync the directory. Throws an `io` AppError; the old file is then still whole.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new AppError('io', `could not write ${basename(path)}`, {
      cause,
      hint: 'Check that the disk has room and that Doorkeep may write to its data folder.',
    });
  }
}

/** Makes a directory's entries durable (a rename or a new file in it). */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
