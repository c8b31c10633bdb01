/**
 * The headers of a tar file (POSIX.1-1988 ustar), as far as a backup needs them: plain files, a few, with
 * short names. What any tar writes beyond that is refused, not guessed at. Pure.
 */
import { AppError } from '../base/errors.ts';

/** Everything in a tar is a multiple of this. */
export const TAR_BLOCK_BYTES = 512;

/** Behind the last file: two blocks of zeros. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK_BYTES);

/** Eleven octal digits: 8 GiB less one byte. An index of a million rows has 40 MB. */
export const TAR_FILE_MAX_BYTES = 8 ** 11 - 1;

/** One file. */
export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Where each field lies: offset and length (pax(1), "ustar Interchange Format"). */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

type Field = keyof typeof FIELD;

/** `ustar`, a zero, version 00. */
const MAGIC = Buffer.from('ustar\u000000', 'latin1');

const PLAIN_FILE = '0'.charCodeAt(0);

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
  const over = sizeBytes % TAR_BLOCK_BYTES;
  return over === 0 ? 0 : TAR_BLOCK_BYTES - over;
}

/** The block before a file. `internal` for a name or a size that we never write. */
export function tarHeader({ name, sizeBytes }: TarEntry, modifiedMs: number): Buffer {
  const isWritable = NAME.test(name) && isSize(sizeBytes);
  if (!isWritable) throw new AppError('internal', 'a file that a backup cannot hold');
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  block.write(name, 'latin1');
  writeOctal(block, 'mode', MODE);
  writeOctal(block, 'uid', 0);
  writeOctal(block, 'gid', 0);
  writeOctal(block, 'size', sizeBytes);
  writeOctal(block, 'modified', Math.max(0, Math.floor(modifiedMs / 1000)));
  block[FIELD.type[0]] = PLAIN_FILE;
  MAGIC.copy(block, FIELD.magic[0]);
  // Six digits, a zero and a space: the oldest custom of all, and every reader takes it.
  const [at] = FIELD.checksum;
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\u0000 `, at, 'latin1');
  return block;
}

/** The file that a block announces; undefined for a block of zeros. `unprocessable` for anything else. */
export function readTarHeader(block: Buffer): TarEntry | undefined {
  if (block.length !== TAR_BLOCK_BYTES) throw notOurs('a block of another size');
  if (block.every((byte) => byte === 0)) return undefined;
  if (readOctal(block, 'checksum') !== checksum(block)) throw notOurs('a checksum');
  if (!bytesOf(block, 'magic').equals(MAGIC)) throw notOurs('another kind of tar');
  if (block[FIELD.type[0]] !== PLAIN_FILE) throw notOurs('something that is no plain file');
  if (textOf(block, 'link') !== '' || textOf(block, 'prefix') !== '') throw notOurs('a long name');
  const name = textOf(block, 'name');
  const sizeBytes = readOctal(block, 'size');
  if (!NAME.test(name)) throw notOurs('a name');
  return { name, sizeBytes };
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= TAR_FILE_MAX_BYTES;
}

function bytesOf(block: Buffer, field: Field): Buffer {
  const [at, length] = FIELD[field];
  return block.subarray(at, at + length);
}

function textOf(block: Buffer, field: Field): string {
  const text = bytesOf(block, field).toString('latin1');
  const end = text.indexOf('\u0000');
  return end === -1 ? text : text.slice(0, end);
}

/** Digits, a zero behind them. */
function writeOctal(block: Buffer, field: Field, value: number): void {
  const [at, length] = FIELD[field];
  block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
}

/** Octal only: base 256, which GNU has for larger files, is refused like any other byte. */
function readOctal(block: Buffer, field: Field): number {
  const text = textOf(block, field).trim();
  if (!/^[0-7]{1,11}$/.test(text)) throw notOurs('a number');
  return Number.parseInt(text, 8);
}

/** The sum of all bytes, its own field as spaces. */
function checksum(block: Buffer): number {
  const [at, length] = FIELD.checksum;
  let sum = length * 0x20;
  block.forEach((byte, index) => {
    if (index < at || index >= at + length) sum += byte;
  });
  return sum;
}

function notOurs(what: string): AppError {
  return new AppError('unprocessable', 'This file is no backup of Doorkeep, or it was changed.', {
    reason: 'backup-content',
    hint: 'Use another backup.',
    cause: new Error(`in the tar: ${what}`),
  });
}
