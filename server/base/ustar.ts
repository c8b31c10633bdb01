/**
 * The block before a file in a tar (POSIX.1-1988 ustar): numbers and names in their places, nothing about
 * what may be in them. Whoever reads one decides that. Pure.
 */

/** Everything in a tar is a multiple of this. */
export const USTAR_BLOCK_BYTES = 512;

/** Eleven octal digits: 8 GiB less one byte. */
export const USTAR_FILE_MAX_BYTES = 8 ** 11 - 1;

/** What a block says. */
export interface UstarBlock {
  readonly name: string;
  /** What comes before the name and a slash; '' for none. */
  readonly prefix: string;
  readonly sizeBytes: number;
  /** '0' is a plain file; '5' a folder, '1' and '2' are links. */
  readonly type: string;
  /** What a link leads to. */
  readonly linkName: string;
}

/** What is written. Only plain files are. */
export interface UstarFile {
  /** At most 100 bytes. */
  readonly name: string;
  /** At most 155 bytes. */
  readonly prefix?: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly modifiedMs: number;
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
  linkName: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

type Field = keyof typeof FIELD;

/** `ustar`, a zero, version 00. */
const MAGIC = Buffer.from('ustar\u000000', 'latin1');

const PLAIN_FILE = '0';

/** Zeros behind a content of this size. */
export function ustarPadding(sizeBytes: number): number {
  const over = sizeBytes % USTAR_BLOCK_BYTES;
  return over === 0 ? 0 : USTAR_BLOCK_BYTES - over;
}

/** The block of a plain file. */
export function ustarBlock(file: UstarFile): Buffer {
  const block = Buffer.alloc(USTAR_BLOCK_BYTES);
  block.write(file.name, 'latin1');
  writeOctal(block, 'mode', file.mode);
  writeOctal(block, 'uid', 0);
  writeOctal(block, 'gid', 0);
  writeOctal(block, 'size', file.sizeBytes);
  writeOctal(block, 'modified', Math.max(0, Math.floor(file.modifiedMs / 1000)));
  block.write(PLAIN_FILE, FIELD.type[0], 'latin1');
  MAGIC.copy(block, FIELD.magic[0]);
  block.write(file.prefix ?? '', FIELD.prefix[0], 'latin1');
  // Six digits, a zero and a space: the oldest custom of all, and every reader takes it.
  const [at] = FIELD.checksum;
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\u0000 `, at, 'latin1');
  return block;
}

/** What a block says; a string where it is none, with what is wrong. */
export function readUstarBlock(block: Buffer): UstarBlock | string {
  if (block.length !== USTAR_BLOCK_BYTES) return 'a block of another size';
  if (readOctal(block, 'checksum') !== checksum(block)) return 'a checksum';
  if (!bytesOf(block, 'magic').equals(MAGIC)) return 'another kind of tar';
  const sizeBytes = readOctal(block, 'size');
  if (sizeBytes === undefined) return 'a number';
  return {
    ...{ name: textOf(block, 'name'), prefix: textOf(block, 'prefix'), sizeBytes },
    ...{ type: textOf(block, 'type'), linkName: textOf(block, 'linkName') },
  };
}

/** Whether a block is one of those that end a tar. */
export function isUstarEnd(block: Buffer): boolean {
  return block.length === USTAR_BLOCK_BYTES && block.every((byte) => byte === 0);
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
function readOctal(block: Buffer, field: Field): number | undefined {
  const text = textOf(block, field).trim();
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
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
