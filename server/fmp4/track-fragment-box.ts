/** Writes `traf` (ISO/IEC 14496-12 8.8.6 to 8.8.8, 8.8.12), as small as the samples allow. */
import { box, fullBox, U32_MAX, u32, u32Array, u64 } from './box-writer.ts';
import { corrupt } from './corrupt.ts';
import type { Fragment } from './fragment.ts';
import { allocateTable, type SampleTable, valueAt } from './sample-table.ts';

/** sample_depends_on = 2: a sync sample; 1 and not sync: any other (8.8.3.1). */
const SYNC_FLAGS = 0x0200_0000;
const NON_SYNC_FLAGS = 0x0101_0000;

/** default-base-is-moof, and defaults for duration and flags. */
const TFHD_FLAGS = 0x02_0000;
const TFHD_DURATION = 0x8;
const TFHD_SAMPLE_FLAGS = 0x20;

/** data-offset and one size per sample are always there. */
const TRUN_FLAGS = 0x201;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_SAMPLE_FLAGS = 0x400;
const TRUN_COMPOSITION_OFFSET = 0x800;

/** The samples of consecutive fragments of one track as one table. See `buildPart` for times. */
export function joinFragments(fragments: readonly Fragment[]): SampleTable {
  const filled = fragments.filter((fragment) => fragment.samples.length > 0);
  const count = filled.reduce((total, fragment) => total + fragment.samples.length, 0);
  const table = allocateTable(count, filled[0]?.decodeTimeTicks ?? 0, 0);
  let at = 0;
  let lastStart = 0;
  for (const fragment of filled) {
    if (at > 0) table.durations[at - 1] = between(lastStart, fragment.decodeTimeTicks);
    let decodeTime = fragment.decodeTimeTicks;
    for (const sample of fragment.samples) {
      table.durations[at] = sample.durationTicks;
      table.sizes[at] = sample.sizeBytes;
      table.compositionOffsets[at] = sample.compositionOffsetTicks;
      table.sync[at] = sample.sync ? 1 : 0;
      at += 1;
      lastStart = decodeTime;
      decodeTime += sample.durationTicks;
    }
  }
  return table;
}

/** `traf` of these samples; `dataOffset` counts from the first byte of the `moof`. */
export function trackFragmentBox(trackId: number, table: SampleTable, dataOffset: number): Buffer {
  const duration = uniform(table.durations);
  const flags = flagsOf(table.sync);
  const columns = [
    ...(duration === undefined ? [table.durations] : []),
    table.sizes,
    ...(flags.perSample === undefined ? [] : [flags.perSample]),
    ...(table.compositionOffsets.some((value) => value !== 0) ? [table.compositionOffsets] : []),
  ];
  const trunFlags =
    TRUN_FLAGS |
    (duration === undefined ? TRUN_DURATION : 0) |
    (flags.first === undefined ? 0 : TRUN_FIRST_FLAGS) |
    (flags.perSample === undefined ? 0 : TRUN_SAMPLE_FLAGS) |
    (columns.at(-1) === table.compositionOffsets ? TRUN_COMPOSITION_OFFSET : 0);
  const tfhdFlags =
    TFHD_FLAGS |
    (duration === undefined ? 0 : TFHD_DURATION) |
    (flags.perSample === undefined ? TFHD_SAMPLE_FLAGS : 0);
  const tfhd = fullBox(
    'tfhd',
    { flags: tfhdFlags },
    u32(trackId, ...(duration === undefined ? [] : [duration])),
    ...(flags.perSample === undefined ? [u32(flags.default)] : []),
  );
  const trun = fullBox(
    'trun',
    // Version 1: composition offsets are signed (8.8.8.2).
    { version: table.compositionOffsets.some((value) => value < 0) ? 1 : 0, flags: trunFlags },
    u32(table.count, dataOffset, ...(flags.first === undefined ? [] : [flags.first])),
    interleaved(columns, table.count),
  );
  const tfdt = fullBox('tfdt', { version: 1 }, u64(table.decodeTimeTicks));
  return box('traf', tfhd, tfdt, trun);
}

/** The length that lets the next sample begin when it does. */
function between(start: number, next: number): number {
  const duration = next - start;
  if (duration < 0) throw corrupt('decode-time', `decode time runs back by ${-duration} ticks`);
  if (duration > U32_MAX) throw corrupt('decode-time', `decode time jumps by ${duration} ticks`);
  return duration;
}

/** The one value that all have; undefined when they differ or there are none. */
function uniform(values: Uint32Array | Uint8Array): number | undefined {
  const first = values[0];
  return values.every((value) => value === first) ? first : undefined;
}

interface SampleFlags {
  readonly default: number;
  /** Only the first sample differs. */
  readonly first: number | undefined;
  /** No such pattern: one per sample. */
  readonly perSample: Uint32Array | undefined;
}

function flagsOf(sync: Uint8Array): SampleFlags {
  const rest = uniform(sync.subarray(1)) ?? sync[0] ?? 1;
  const mixed = sync.subarray(1).some((value) => value !== rest);
  const named = (value: number): number => (value === 1 ? SYNC_FLAGS : NON_SYNC_FLAGS);
  if (mixed) {
    return { default: 0, first: undefined, perSample: Uint32Array.from(sync, named) };
  }
  const first = sync[0] === undefined || sync[0] === rest ? undefined : named(sync[0]);
  return { default: named(rest), first, perSample: undefined };
}

/** Column after column as row after row: the order of `trun`. */
function interleaved(columns: readonly (Uint32Array | Int32Array)[], count: number): Buffer {
  const rows = new Uint32Array(count * columns.length);
  columns.forEach((column, index) => {
    // A negative offset becomes its two's complement, which is how version 1 writes it.
    for (let row = 0; row < count; row += 1) {
      rows[row * columns.length + index] = valueAt(column, row);
    }
  });
  return u32Array(rows);
}
