/** Reads `traf`: `tfhd`, `tfdt`, `trun` (ISO/IEC 14496-12 8.8.6 to 8.8.8, 8.8.12). */
import { type Box, childBoxes, contentOf, requireBox } from './box.ts';
import { ByteCursor } from './byte-cursor.ts';
import { corrupt } from './corrupt.ts';
import { allocateTable, type SampleTable, sizeOf } from './sample-table.ts';

/** One `traf`, read. */
export interface TrackFragment {
  readonly trackId: number;
  readonly table: SampleTable;
}

/** sample_is_non_sync_sample within sample flags (8.8.3.1). */
const NON_SYNC = 0x01_0000;

/** Flags of `tfhd` and `trun`, as the clauses number them. */
const TFHD = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20 };
const TRUN = {
  ...{ dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400 },
  compositionOffset: 0x800,
};

/** What `tfhd` says about samples that do not say it themselves. */
interface Defaults {
  trackId: number;
  duration: number | undefined;
  size: number | undefined;
  flags: number | undefined;
}

/**
 * Reads a `traf` whose data offsets count from the `moof` (default-base-is-moof) and whose samples
 * lie without gaps. `trex` is not consulted: neither ffmpeg nor `part.ts` puts defaults there.
 * Throws `corrupt`.
 */
export function parseTrackFragment(traf: Box): TrackFragment {
  const boxes = childBoxes(contentOf(traf));
  const defaults = parseTfhd(contentOf(requireBox(boxes, 'tfhd')));
  const decodeTimeTicks = parseTfdt(contentOf(requireBox(boxes, 'tfdt')));
  const runs = boxes.filter((box) => box.type === 'trun').map((box) => parseTrunHeader(box));
  const first = runs[0];
  if (first?.dataOffset === undefined) throw corrupt('box-missing', 'no trun with a data offset');
  const count = runs.reduce((total, run) => total + run.count, 0);
  const table = allocateTable(count, decodeTimeTicks, first.dataOffset);
  let at = 0;
  let nextOffset = first.dataOffset;
  for (const run of runs) {
    if (run.dataOffset !== undefined && run.dataOffset !== nextOffset) {
      throw corrupt('sample-size', `trun at ${run.dataOffset} where ${nextOffset} is next`);
    }
    readSamples(run, defaults, table, at);
    nextOffset += sizeOf(table, at, at + run.count);
    at += run.count;
  }
  return { trackId: defaults.trackId, table };
}

function parseTfhd(content: Buffer): Defaults {
  const cursor = new ByteCursor(content);
  cursor.skip(1);
  const flags = cursor.u24();
  const trackId = cursor.u32();
  if ((flags & TFHD.baseOffset) !== 0) throw corrupt('field-value', 'absolute data offsets');
  if ((flags & TFHD.description) !== 0) cursor.skip(4);
  return {
    trackId,
    duration: (flags & TFHD.duration) === 0 ? undefined : cursor.u32(),
    size: (flags & TFHD.size) === 0 ? undefined : cursor.u32(),
    flags: (flags & TFHD.flags) === 0 ? undefined : cursor.u32(),
  };
}

function parseTfdt(content: Buffer): number {
  const cursor = new ByteCursor(content);
  const version = cursor.u8();
  cursor.skip(3);
  return version === 1 ? cursor.u64() : cursor.u32();
}

interface TrunHeader {
  flags: number;
  count: number;
  dataOffset: number | undefined;
  firstFlags: number | undefined;
  /** Behind the optional fields of the header. */
  entries: ByteCursor;
}

function parseTrunHeader(box: Box): TrunHeader {
  const cursor = new ByteCursor(contentOf(box));
  // Version 0 and 1 differ in the sign of the composition offset; see readSamples.
  cursor.skip(1);
  const flags = cursor.u24();
  const count = cursor.u32();
  const dataOffset = (flags & TRUN.dataOffset) === 0 ? undefined : cursor.i32();
  const firstFlags = (flags & TRUN.firstFlags) === 0 ? undefined : cursor.u32();
  return { flags, count, dataOffset, firstFlags, entries: cursor };
}

function readSamples(run: TrunHeader, defaults: Defaults, table: SampleTable, start: number): void {
  const { flags, entries } = run;
  for (let i = start; i < start + run.count; i += 1) {
    const duration = (flags & TRUN.duration) === 0 ? defaults.duration : entries.u32();
    const size = (flags & TRUN.size) === 0 ? defaults.size : entries.u32();
    let sampleFlags = (flags & TRUN.flags) === 0 ? defaults.flags : entries.u32();
    if (i === start) sampleFlags = run.firstFlags ?? sampleFlags;
    if (duration === undefined || size === undefined || sampleFlags === undefined) {
      throw corrupt('field-value', 'a sample without duration, size or flags');
    }
    table.durations[i] = duration;
    table.sizes[i] = size;
    table.sync[i] = (sampleFlags & NON_SYNC) === 0 ? 1 : 0;
    if ((flags & TRUN.compositionOffset) !== 0) {
      // Unsigned in version 0, but 2^31 ticks are hours: such a number was meant to be negative,
      // and FFmpeg reads it so.
      table.compositionOffsets[i] = entries.i32();
    }
  }
}
