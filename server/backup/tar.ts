/**
 * The headers of a tar file (`server/base/ustar.ts`), as far as a backup needs them: plain files, a few,
 * with short names. What any tar writes beyond that is refused, not guessed at. Pure.
 */
import { AppError } from '../base/errors.ts';
import {
  isUstarEnd,
  readUstarBlock,
  USTAR_BLOCK_BYTES,
  USTAR_FILE_MAX_BYTES,
  ustarBlock,
  ustarPadding,
} from '../base/ustar.ts';

/** Everything in a tar is a multiple of this. */
export const TAR_BLOCK_BYTES = USTAR_BLOCK_BYTES;

/** Behind the last file: two blocks of zeros. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK_BYTES);

/** Eleven octal digits: 8 GiB less one byte. An index of a million rows has 40 MB. */
export const TAR_FILE_MAX_BYTES = USTAR_FILE_MAX_BYTES;

/** One file. */
export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Only who unpacks it may read it. */
const MODE = 0o600;

/** No `..`, nothing absolute, no link's way out: letters, figures, a dot inside, one or two slashes. */
const NAME = /^[a-z0-9][a-z0-9.-]{0,63}(\/[a-z0-9][a-z0-9.-]{0,63}){0,2}$/;

/** What the header and the content of a file take, with the padding behind it. */
export function tarBytesOf(sizeBytes: number): number {
  return TAR_BLOCK_BYTES + sizeBytes + tarPadding(sizeBytes);
}

/** Zeros behind a content of this size. */
export function tarPadding(sizeBytes: number): number {
  return ustarPadding(sizeBytes);
}

/** The block before a file. `internal` for a name or a size that we never write. */
export function tarHeader({ name, sizeBytes }: TarEntry, modifiedMs: number): Buffer {
  const isWritable = NAME.test(name) && isSize(sizeBytes);
  if (!isWritable) throw new AppError('internal', 'a file that a backup cannot hold');
  return ustarBlock({ name, sizeBytes, mode: MODE, modifiedMs });
}

/** The file that a block announces; undefined for a block of zeros. `unprocessable` for anything else. */
export function readTarHeader(block: Buffer): TarEntry | undefined {
  if (isUstarEnd(block)) return undefined;
  const found = readUstarBlock(block);
  if (typeof found === 'string') throw notOurs(found);
  if (found.type !== '0') throw notOurs('something that is no plain file');
  if (found.linkName !== '' || found.prefix !== '') throw notOurs('a long name');
  const { name, sizeBytes } = found;
  if (!NAME.test(name)) throw notOurs('a name');
  return { name, sizeBytes };
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= TAR_FILE_MAX_BYTES;
}

function notOurs(what: string): AppError {
  return new AppError('unprocessable', 'This file is no backup of Doorkeep, or it was changed.', {
    reason: 'backup-content',
    hint: 'Use another backup.',
    cause: new Error(`in the tar: ${what}`),
  });
}
