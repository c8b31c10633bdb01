/** The box: size, type, content (ISO/IEC 14496-12 4.2). Everything in an MP4 is one. */
import { corrupt } from './corrupt.ts';

/** A whole box. `bytes` is a view: it keeps the buffer it was cut from alive. */
export interface Box {
  /** Four characters, e.g. `moof`. */
  readonly type: string;
  /** The box with its header. */
  readonly bytes: Buffer;
  /** 8, or 16 with a 64-bit size. */
  readonly headerBytes: number;
}

/** What the first bytes of a box say. */
export interface BoxHeader {
  readonly type: string;
  readonly sizeBytes: number;
  readonly headerBytes: number;
}

/** size and type. */
const SHORT_HEADER_BYTES = 8;

/** size (1), type and largesize: the most that is needed to know where a box ends. */
export const LONG_HEADER_BYTES = 16;

/**
 * The header at `at`, or undefined when more bytes are needed to read it. Throws `corrupt`
 * (box-size) for a size that is smaller than the header, open-ended (0: "to the end of the file",
 * which a pipe does not have) or beyond 2^53.
 */
export function readBoxHeader(bytes: Buffer, at: number): BoxHeader | undefined {
  const available = bytes.length - at;
  if (available < SHORT_HEADER_BYTES) return undefined;
  const type = bytes.toString('latin1', at + 4, at + 8);
  let sizeBytes = bytes.readUInt32BE(at);
  let headerBytes = SHORT_HEADER_BYTES;
  if (sizeBytes === 1) {
    if (available < LONG_HEADER_BYTES) return undefined;
    headerBytes = LONG_HEADER_BYTES;
    sizeBytes = bytes.readUInt32BE(at + 8) * 2 ** 32 + bytes.readUInt32BE(at + 12);
  }
  if (sizeBytes < headerBytes || sizeBytes > Number.MAX_SAFE_INTEGER) {
    throw corrupt('box-size', `${printable(type)} says ${sizeBytes} bytes`);
  }
  return { type, sizeBytes, headerBytes };
}

/** The box at the start of `bytes`, which may be longer. Throws `corrupt`. */
export function boxAt(bytes: Buffer, at: number): Box {
  const header = readBoxHeader(bytes, at);
  if (header === undefined) throw corrupt('box-truncated', 'not even a box header');
  const end = at + header.sizeBytes;
  if (end > bytes.length) {
    throw corrupt('box-truncated', `${printable(header.type)} of ${header.sizeBytes} bytes`);
  }
  return { type: header.type, headerBytes: header.headerBytes, bytes: bytes.subarray(at, end) };
}

/** The boxes that fill `content` exactly. Throws `corrupt`. */
export function childBoxes(content: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < content.length;) {
    const box = boxAt(content, at);
    boxes.push(box);
    at += box.bytes.length;
  }
  return boxes;
}

/** What is inside a box, as a view. */
export function contentOf(box: Box): Buffer {
  return box.bytes.subarray(box.headerBytes);
}

/** The first box of that type, if any. */
export function findBox(boxes: readonly Box[], type: string): Box | undefined {
  return boxes.find((box) => box.type === type);
}

/** The first box of that type. Throws `corrupt` (box-missing). */
export function requireBox(boxes: readonly Box[], type: string): Box {
  const box = findBox(boxes, type);
  if (box === undefined) throw corrupt('box-missing', `no ${type}`);
  return box;
}

/** Follows a path of containers, e.g. `mdia`, `minf`, `stbl`. Throws `corrupt` (box-missing). */
export function childrenAt(boxes: readonly Box[], ...path: string[]): Box[] {
  let level = [...boxes];
  for (const type of path) level = childBoxes(contentOf(requireBox(level, type)));
  return level;
}

/** A box type that is safe to print: it comes from outside. */
export function printable(type: string): string {
  return type.replaceAll(/[^\x20-\x7e]/g, '?');
}
