/** The samples of one track in one movie fragment, as columns: no object per sample. */
import { corrupt } from './corrupt.ts';

/** Samples lie one after another from `offsetBytes` on. Times are in the track's timescale. */
export interface SampleTable {
  /** `tfdt`: decode time of the first sample since the run's start; 0 without samples. */
  readonly decodeTimeTicks: number;
  /** Of the first sample, counted from the first byte of its `moof`. */
  readonly offsetBytes: number;
  readonly count: number;
  readonly durations: Uint32Array;
  readonly sizes: Uint32Array;
  /** Presentation minus decode time. */
  readonly compositionOffsets: Int32Array;
  /** 1 where decoding can start. */
  readonly sync: Uint8Array;
}

/** 20 s of 120 fps, or 50 s of sound: a part is one GOP or 2 s, a fragment of a stream far less. */
export const MAX_SAMPLES_PER_TABLE = 2400;

/** A table without samples: a track that a part does not have. */
export const EMPTY_TABLE: SampleTable = allocateTable(0, 0, 0);

/** A table of `count` samples, all fields 0. Throws `corrupt` beyond MAX_SAMPLES_PER_TABLE. */
export function allocateTable(
  count: number,
  decodeTimeTicks: number,
  offsetBytes: number,
): SampleTable {
  if (count > MAX_SAMPLES_PER_TABLE) throw corrupt('sample-size', `${count} samples at once`);
  // Field by field: this runs for every frame, and a spread copies properties one call at a time.
  return {
    decodeTimeTicks,
    offsetBytes,
    count,
    durations: new Uint32Array(count),
    sizes: new Uint32Array(count),
    compositionOffsets: new Int32Array(count),
    sync: new Uint8Array(count),
  };
}

/** One cell of a column. Beyond its end 0, which no caller asks for: the index is the loop's. */
export function valueAt(column: Uint32Array | Int32Array | Uint8Array, index: number): number {
  return column[index] ?? 0;
}

/** Sum of the durations, in ticks. */
export function durationOf(table: SampleTable): number {
  return sum(table.durations, 0, table.count);
}

/** Sum of the sizes, of all samples or of those from `first` up to `end`. */
export function sizeOf(table: SampleTable, first = 0, end = table.count): number {
  return sum(table.sizes, first, end);
}

function sum(values: Uint32Array, first: number, end: number): number {
  let total = 0;
  for (let index = first; index < end; index += 1) total += valueAt(values, index);
  return total;
}
