/** Reading a file that only this account may read: keys and codes. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError, errnoCode } from './errors.ts';

/** Every permission bit of group and others. */
const FOREIGN_BITS = 0o077;

/**
 * The bytes of `path`, or undefined when there is no such file. A file that others may read or
 * write, that is not a plain file (a link included), or that is longer than `maxBytes` is a
 * `conflict` AppError with reason `unsafe-file`; anything else the disk refuses is `io`.
 */
export async function readPrivateFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const name = basename(path);
  try {
    // NOFOLLOW: a link planted in the data folder must not choose which key is used.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > maxBytes) {
        throw unsafe(name, 'is not the file that Doorkeep wrote', 'Put the original file back.');
      }
      if ((stat.mode & FOREIGN_BITS) !== 0) {
        throw unsafe(
          name,
          'can be read by other accounts of this machine',
          `Run: chmod 600 on the file ${name} in Doorkeep's data folder, then start again.`,
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = errnoCode(cause);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') {
      throw unsafe(name, 'is a link', 'Put the original file in place of the link.', cause);
    }
    throw new AppError('io', `could not read ${name}`, {
      cause,
      hint: 'Check that Doorkeep may read its data folder.',
    });
  }
}

function unsafe(name: string, what: string, hint: string, cause?: unknown): AppError {
  return new AppError('conflict', `${name} ${what}`, {
    reason: 'unsafe-file',
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
