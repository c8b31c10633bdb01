/** One track of an export while it is being planned: its sample table grows chunk by chunk. */
import { AppError } from '../base/errors.ts';
import { box, fullBox, U32_MAX, u32, u64 } from './box-writer.ts';
import { corrupt } from './corrupt.ts';
import type { Slice } from './export-selection.ts';
import { type MovieTrack, TRACK_IDS } from './movie-boxes.ts';
import { RunLengthList, U32List } from './number-list.ts';
import { valueAt } from './sample-table.ts';
import { rescale } from './timescale.ts';
import type { Track } from './track.ts';

/** Samples of one track that lie together in the file. */
interface Chunk {
  /** Counted from the first byte of media data. */
  readonly offsetBytes: number;
  readonly samples: number;
  /** 1, 2, …: which sample entry holds (8.7.4). */
  readonly description: number;
}

/** The largest number a signed 32-bit field holds. */
const I32_MAX = 0x7fff_ffff;

/** Per track: a day of 60 fps has 5.2 M samples; each takes 4 to 24 bytes of memory. */
const MAX_SAMPLES = 10_000_000;

/**
 * Positions are in `timescale` and count from the moment the export begins to be shown; the first
 * samples may lie before it.
 */
export class ExportTrack {
  readonly kind: 'video' | 'audio';
  readonly timescale: number;
  readonly #durations = new RunLengthList();
  readonly #compositionOffsets = new RunLengthList();
  readonly #sizes = new U32List();
  readonly #syncSamples = new U32List();
  readonly #chunks: Chunk[] = [];
  readonly #entries: Buffer[] = [];
  #width = 0;
  #height = 0;
  #firstPosition = 0;
  #lastPosition = 0;
  #lastDuration = 0;
  /** Added to every composition offset, so that the first picture is not before the media. */
  #compositionShift = 0;
  #hasOffsets = false;
  #hasNegativeOffsets = false;

  constructor(kind: 'video' | 'audio', timescale: number) {
    this.kind = kind;
    this.timescale = timescale;
  }

  get isEmpty(): boolean {
    return this.#sizes.length === 0;
  }

  /** Decode position of the last sample. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** End of the last sample, by its own duration. */
  get endPosition(): number {
    return this.#lastPosition + this.#lastDuration;
  }

  /**
   * Adds the samples of `slice` as one chunk; the first of them is decoded at `position`. The
   * sample before it is given the length that leads up to it. Throws `corrupt` when time runs
   * backwards, `unprocessable` (gap-too-long), `exhausted`.
   */
  append(slice: Slice, position: number, offsetBytes: number): void {
    const { table, track } = slice;
    let elapsedTicks = 0;
    for (let i = slice.first; i < slice.end; i += 1) {
      const durationTicks = valueAt(table.durations, i);
      const at = position + rescale(elapsedTicks, track.timescale, this.timescale);
      elapsedTicks += durationTicks;
      const end = position + rescale(elapsedTicks, track.timescale, this.timescale);
      const offset = rescale(valueAt(table.compositionOffsets, i), track.timescale, this.timescale);
      if (this.isEmpty) this.#compositionShift = Math.max(0, -offset);
      this.#startSample(at, end - at);
      this.#sizes.push(valueAt(table.sizes, i));
      this.#pushOffset(offset + this.#compositionShift);
      if (table.sync[i] === 1) this.#syncSamples.push(this.#sizes.length);
    }
    const samples = slice.end - slice.first;
    this.#chunks.push({ offsetBytes, samples, description: this.#describe(track) });
  }

  /** Says that the last sample is in: it lasts as long as it says itself. */
  finish(): void {
    if (!this.isEmpty) this.#endSample(this.#lastDuration);
  }

  /**
   * The finished track as `moov` wants it. `dataAt` is where the media
   * data begins in the file, `longOffsets` says that 32 bits do not reach its end. Shown until
   * `endPosition` (in this track's timescale).
   */
  movieTrack(options: {
    dataAt: number;
    longOffsets: boolean;
    endPosition: number;
    movieTimescale: number;
  }): MovieTrack {
    const { endPosition, movieTimescale } = options;
    const first = this.#firstPosition;
    const toMovie = (value: number): number => rescale(value, this.timescale, movieTimescale);
    const start = first - this.#compositionShift;
    const emptyTicks = toMovie(Math.max(0, start));
    return {
      kind: this.kind,
      trackId: TRACK_IDS[this.kind],
      timescale: this.timescale,
      mediaDuration: this.endPosition - first,
      movieDuration: toMovie(endPosition),
      width: this.#width,
      height: this.#height,
      sampleEntries: this.#entries,
      edits: editList({
        emptyTicks,
        // A single packet at the very end can be rounded beyond it.
        durationTicks: Math.max(0, toMovie(endPosition) - emptyTicks),
        mediaTime: Math.max(0, -start),
      }),
      sampleBoxes: this.#sampleBoxes(options.dataAt, options.longOffsets),
    };
  }

  #startSample(position: number, duration: number): void {
    if (this.#sizes.length >= MAX_SAMPLES) {
      throw new AppError('exhausted', 'This range is too long for one file.', {
        reason: 'range-too-long',
        hint: 'Export it in two halves.',
      });
    }
    if (this.isEmpty) this.#firstPosition = position;
    else this.#endSample(position - this.#lastPosition);
    this.#lastPosition = position;
    this.#lastDuration = duration;
  }

  #pushOffset(offset: number): void {
    if (Math.abs(offset) > I32_MAX) throw corrupt('field-value', `composition offset ${offset}`);
    this.#compositionOffsets.push(offset);
    this.#hasOffsets ||= offset !== 0;
    this.#hasNegativeOffsets ||= offset < 0;
  }

  /** Writes down how long the sample before lasts. */
  #endSample(duration: number): void {
    if (duration < 0) throw corrupt('decode-time', `decode time runs back by ${-duration} ticks`);
    if (duration > U32_MAX) {
      // 13 hours in the 90 kHz of cameras: one sample cannot last longer.
      throw new AppError('unprocessable', 'This range has a gap that is too long for one file.', {
        reason: 'gap-too-long',
        hint: 'Export what lies before and after the gap as two files.',
      });
    }
    this.#durations.push(duration);
  }

  #describe(track: Track): number {
    if (track.kind === 'video') {
      this.#width = Math.max(this.#width, track.width);
      this.#height = Math.max(this.#height, track.height);
    }
    const known = this.#entries.findIndex((entry) => entry.equals(track.sampleEntry));
    return known >= 0 ? known + 1 : this.#entries.push(track.sampleEntry);
  }

  #sampleBoxes(dataAt: number, longOffsets: boolean): Buffer[] {
    const allSync = this.#syncSamples.length === this.#sizes.length;
    const version = this.#hasNegativeOffsets ? 1 : 0;
    return [
      fullBox('stts', {}, this.#durations.toCountedBytes()),
      ...(this.#hasOffsets
        ? [fullBox('ctts', { version }, this.#compositionOffsets.toCountedBytes())]
        : []),
      ...(allSync ? [] : [fullBox('stss', {}, this.#syncSamples.toCountedBytes())]),
      // Sample size 0: each has its own (8.7.3.2).
      fullBox('stsz', {}, u32(0), this.#sizes.toCountedBytes()),
      this.#chunkMapBox(),
      this.#chunkOffsetBox(dataAt, longOffsets),
    ];
  }

  /** `stsc`: an entry where the number of samples or the description changes (8.7.4). */
  #chunkMapBox(): Buffer {
    const rows: number[] = [];
    let before: Chunk | undefined;
    for (const [index, chunk] of this.#chunks.entries()) {
      if (before?.samples !== chunk.samples || before.description !== chunk.description) {
        rows.push(index + 1, chunk.samples, chunk.description);
      }
      before = chunk;
    }
    return fullBox('stsc', {}, u32(rows.length / 3, ...rows));
  }

  #chunkOffsetBox(dataAt: number, longOffsets: boolean): Buffer {
    const offsets = this.#chunks.map((chunk) => dataAt + chunk.offsetBytes);
    const count = u32(offsets.length);
    if (longOffsets) return fullBox('co64', {}, count, ...offsets.map(u64));
    return fullBox('stco', {}, count, u32(...offsets));
  }
}

/** `edts`: nothing for a while, then the media from `mediaTime` on (8.6.5, 8.6.6). */
function editList(edit: { emptyTicks: number; durationTicks: number; mediaTime: number }): Buffer {
  // Media rate 1.0.
  const rate = u32(0x1_0000);
  // The media time is a signed number in version 0.
  const long = Math.max(edit.emptyTicks, edit.durationTicks) > U32_MAX || edit.mediaTime > I32_MAX;
  const time = (value: number): Buffer => (long ? u64(value) : u32(value));
  // An empty edit has the media time -1.
  const nothing = Buffer.alloc(long ? 8 : 4, 0xff);
  const entries = [
    ...(edit.emptyTicks > 0 ? [Buffer.concat([time(edit.emptyTicks), nothing, rate])] : []),
    Buffer.concat([time(edit.durationTicks), time(edit.mediaTime), rate]),
  ];
  const version = long ? 1 : 0;
  return box('edts', fullBox('elst', { version }, u32(entries.length), ...entries));
}
