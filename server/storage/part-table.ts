/**
 * The parts of a closed segment as one small blob: what the table `part` says of an open one, in
 * about 6 bytes per part instead of a row. Pure.
 *
 * Layout, all numbers as LEB128 varints: the version (1), the number of parts, the offset of the
 * first part; then per part: size × 2 + key, the start's distance from the previous part's end
 * (zigzag; 0 unless media time has a hole), the duration. Offsets follow from the sizes, because
 * parts are contiguous (invariant parts-contiguous).
 */
import { AppError } from '../base/errors.ts';

/** One durable append to a segment. */
export interface Part {
  /** Where it begins in the file. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Relative to the segment's start. */
  readonly startMs: number;
  readonly durationMs: number;
  /** It begins with a key frame. */
  readonly key: boolean;
}

const VERSION = 1;

/** More parts than 60 s can have: one per frame at 60 fps. A blob that claims more is broken. */
const MAX_PARTS = 3_600;

/** A varint of 53 bits, the largest integer a double holds, takes 8 bytes of 7 bits. */
const MAX_VARINT_BYTES = 8;

/** Folds parts, in order; throws `internal` when they are not contiguous. */
export function encodePartTable(parts: readonly Part[]): Buffer {
  const first = parts[0];
  if (first === undefined) throw new AppError('internal', 'a segment without parts has no table');
  const bytes: number[] = [];
  writeVarint(bytes, VERSION);
  writeVarint(bytes, parts.length);
  writeVarint(bytes, first.offsetBytes);
  let nextOffset = first.offsetBytes;
  let endMs = 0;
  for (const part of parts) {
    if (part.offsetBytes !== nextOffset) {
      throw new AppError('internal', 'the parts of a segment are not contiguous');
    }
    const holeMs = part.startMs - endMs;
    writeVarint(bytes, part.sizeBytes * 2 + (part.key ? 1 : 0));
    writeVarint(bytes, holeMs < 0 ? -holeMs * 2 - 1 : holeMs * 2);
    writeVarint(bytes, part.durationMs);
    nextOffset += part.sizeBytes;
    endMs = part.startMs + part.durationMs;
  }
  return Buffer.from(bytes);
}

/** The reverse; throws `corrupt` for anything that `encodePartTable` does not make. */
export function decodePartTable(blob: Buffer): Part[] {
  const reader = new VarintReader(blob);
  if (reader.next() !== VERSION) throw corrupt('has another version');
  const count = reader.next();
  if (count === 0 || count > MAX_PARTS) throw corrupt('has an impossible number of parts');
  let offsetBytes = reader.next();
  let endMs = 0;
  const parts: Part[] = [];
  for (let i = 0; i < count; i += 1) {
    const sizeAndKey = reader.next();
    const zigzag = reader.next();
    const durationMs = reader.next();
    const sizeBytes = Math.floor(sizeAndKey / 2);
    const startMs = endMs + (zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2);
    parts.push({ offsetBytes, sizeBytes, startMs, durationMs, key: sizeAndKey % 2 === 1 });
    offsetBytes += sizeBytes;
    endMs = startMs + durationMs;
  }
  if (!reader.atEnd) throw corrupt('has bytes behind its end');
  return parts;
}

// Division instead of shifts: shifts are 32 bits wide in JavaScript.
function writeVarint(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new AppError('internal', 'a part table holds whole numbers from 0 on');
  }
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

class VarintReader {
  readonly #blob: Buffer;
  #at = 0;

  constructor(blob: Buffer) {
    this.#blob = blob;
  }

  get atEnd(): boolean {
    return this.#at === this.#blob.length;
  }

  next(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      const byte = this.#blob[this.#at];
      if (byte === undefined) throw corrupt('ends too early');
      this.#at += 1;
      value += (byte % 128) * scale;
      if (byte < 128) {
        if (!Number.isSafeInteger(value)) throw corrupt('holds a number that is too large');
        return value;
      }
      scale *= 128;
    }
    throw corrupt('holds a number that is too large');
  }
}

function corrupt(what: string): AppError {
  return new AppError('corrupt', `a part table ${what}`);
}
