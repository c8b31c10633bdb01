/**
 * The boxes of a segment that are whole, in order: what a player can show of a file that is torn or
 * damaged. A fragment is `moof` and `mdat`, and goes out only as both. Without damage, every byte.
 */
import { CHUNK_BYTES, chunkAt } from '../age/chunks.ts';
import { AppError } from '../base/errors.ts';
import { LONG_HEADER_BYTES, readBoxHeader } from '../fmp4/box.ts';

/** Plaintext of a segment. */
export interface PlainSegment {
  /** How much there is, as far as lengths tell. */
  readonly sizeBytes: number;
  /** Fills `target`; `corrupt` where a byte is not what was sealed, or not there. */
  readonly read: (target: Buffer, offsetBytes: number) => Promise<void>;
}

/** What came out, and what did not. */
export interface FragmentReport {
  fragments: number;
  copiedBytes: number;
  /** Left out, in the middle or at the end. */
  lostBytes: number;
}

/** A part is 2 s; the recorder holds no more than this in memory either. */
const BOX_MAX_BYTES = 64 * 1024 * 1024;

const MOOF = Buffer.from('moof');

interface FoundBox {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Yields what to write; `report` is filled on the way. `corrupt` when the beginning is damaged, without
 * which nothing can be shown. */
export async function* wholeFragments(
  segment: PlainSegment,
  report: FragmentReport,
): AsyncGenerator<Buffer> {
  let moof: Buffer | undefined;
  let inMedia = false;
  for (let at = 0; at < segment.sizeBytes;) {
    const box = await boxAt(segment, at);
    const isStray = moof === undefined && box?.type === 'mdat';
    if (box === undefined || isStray) {
      if (!inMedia) throw noBeginning();
      const next = (await nextFragment(segment, at + 1)) ?? segment.sizeBytes;
      report.lostBytes += next - at + (moof?.length ?? 0);
      moof = undefined;
      at = next;
      continue;
    }
    at += box.bytes.length;
    inMedia ||= box.type === 'moof';
    // One without its `mdat`.
    if (moof !== undefined && box.type !== 'mdat') {
      report.lostBytes += moof.length;
      moof = undefined;
    }
    if (box.type === 'moof') {
      moof = box.bytes;
      continue;
    }
    const pieces = moof === undefined ? [box.bytes] : [moof, box.bytes];
    if (moof !== undefined) report.fragments += 1;
    moof = undefined;
    for (const piece of pieces) {
      report.copiedBytes += piece.length;
      yield piece;
    }
  }
  report.lostBytes += moof?.length ?? 0;
}

/** The whole box at `at`; undefined where there is none that can be read. */
async function boxAt(segment: PlainSegment, at: number): Promise<FoundBox | undefined> {
  const headBytes = Math.min(LONG_HEADER_BYTES, segment.sizeBytes - at);
  const head = await bytesAt(segment, at, headBytes);
  if (head === undefined) return undefined;
  const header = unlessCorrupt(() => readBoxHeader(head, 0));
  if (header === undefined || header.sizeBytes > BOX_MAX_BYTES) return undefined;
  const bytes = await bytesAt(segment, at, header.sizeBytes);
  return bytes === undefined ? undefined : { type: header.type, bytes };
}

/** Where the next `moof` with an `mdat` behind it begins, from `fromBytes` on. */
async function nextFragment(segment: PlainSegment, fromBytes: number): Promise<number | undefined> {
  let chunkStart = fromBytes;
  // The name of a box may lie across two chunks.
  let before = Buffer.alloc(0);
  while (chunkStart < segment.sizeBytes) {
    const chunkEnd = Math.min((chunkAt(chunkStart).chunk + 1) * CHUNK_BYTES, segment.sizeBytes);
    const chunk = await bytesAt(segment, chunkStart, chunkEnd - chunkStart);
    const window = chunk === undefined ? undefined : Buffer.concat([before, chunk]);
    const windowStart = chunkStart - before.length;
    for (let found = window?.indexOf(MOOF, 4) ?? -1; found !== -1;) {
      const start = windowStart + found - 4;
      if (await isFragment(segment, start)) return start;
      found = window?.indexOf(MOOF, found + 1) ?? -1;
    }
    before = window === undefined ? Buffer.alloc(0) : Buffer.from(window.subarray(-7));
    chunkStart = chunkEnd;
  }
  return undefined;
}

async function isFragment(segment: PlainSegment, at: number): Promise<boolean> {
  const moof = await boxAt(segment, at);
  if (moof?.type !== 'moof') return false;
  const head = await bytesAt(segment, at + moof.bytes.length, 8);
  return head?.toString('latin1', 4, 8) === 'mdat';
}

async function bytesAt(
  { sizeBytes, read }: PlainSegment,
  at: number,
  length: number,
): Promise<Buffer | undefined> {
  if (at + length > sizeBytes) return undefined;
  const bytes = Buffer.allocUnsafe(length);
  try {
    await read(bytes, at);
    return bytes;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'corrupt') return undefined;
    throw thrown;
  }
}

function unlessCorrupt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'corrupt') return undefined;
    throw thrown;
  }
}

function noBeginning(): AppError {
  return new AppError('corrupt', 'its beginning is damaged; without that, no picture can be shown');
}
