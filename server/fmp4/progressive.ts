/**
 * Plans an export: a plain MP4 with `moov` first, made of samples that stay as they are. Nothing is
 * read or written here; the plan says which bytes of which file follow the header.
 */
import { AppError } from '../base/errors.ts';
import { box, boxHeader, U32_MAX } from './box-writer.ts';
import {
  type ExportRun,
  type Selection,
  selectSamples,
  type Slice,
  type TimeRange,
} from './export-selection.ts';
import { ExportTrack } from './export-track.ts';
import { movieBox } from './movie-boxes.ts';
import { sizeOf } from './sample-table.ts';
import { commonTimescale, rescale, roundedQuotient } from './timescale.ts';
import type { Track } from './track.ts';

/** Bytes to copy: `length` from `offset` on of the caller's file number `source`. */
export interface CopyRange {
  readonly source: number;
  readonly offset: number;
  readonly length: number;
}

/** The file: `header`, then all `copies` one after another. */
export interface ExportPlan {
  /** `ftyp`, `moov` and the header of `mdat`. */
  readonly header: Buffer;
  readonly copies: readonly CopyRange[];
  readonly totalBytes: number;
  /** First picture of the file: at `fromMs`, up to one GOP before it, or behind it after a gap. */
  readonly fromMs: number;
  /** End of its last picture. */
  readonly toMs: number;
}

/** Ticks of the movie must be whole in both tracks for edits to be exact; 90,000 and 48,000 need
 * 720,000. Beyond this, 32 bits hold less than 7 minutes. */
const MAX_TIMESCALE = 10_000_000;

/** More than the header can be: two tracks of 10 M samples at 24 bytes. Data this close to 4 GiB
 * gets 64-bit offsets. */
const HEADER_ROOM_BYTES = 512 * 1024 * 1024;

/** Anchors are doubles in milliseconds; a microsecond is finer than any of them is true. */
const MICROSECONDS = 1_000_000;

/**
 * Plans the export of `range` from runs in the order of time. Each keeps its place on the wall
 * clock: gaps are times in which the last picture stays; where a clock was set back, a run begins
 * right after the one before it. Throws `not-found` when nothing was recorded in the range,
 * `unprocessable` (gap-too-long), `exhausted` (range-too-long), `corrupt`.
 */
export function planExport(runs: readonly ExportRun[], range: TimeRange): ExportPlan {
  const selections = selectSamples(runs, range);
  const [first] = selections;
  const last = selections.at(-1);
  if (first === undefined || last === undefined) {
    throw new AppError('not-found', 'Nothing was recorded in this range.', {
      reason: 'nothing-recorded',
      hint: 'Choose a range in which the timeline shows footage.',
    });
  }
  const draft = new Draft(selections, first);
  for (const selection of selections) draft.add(selection);
  const { header, dataBytes } = draft.header(wallMs(first, first.startTicks));
  return {
    header,
    copies: draft.copies,
    totalBytes: header.length + dataBytes,
    fromMs: wallMs(first, first.startTicks),
    toMs: wallMs(last, last.endTicks),
  };
}

function wallMs(selection: Selection, ticks: number): number {
  return selection.run.anchorMs + (ticks * 1000) / selection.run.video.timescale;
}

/** The file as it grows, run by run. */
class Draft {
  readonly #copies: { source: number; offset: number; length: number }[] = [];
  readonly #first: Selection;
  readonly #video: ExportTrack;
  readonly #audio: ExportTrack;
  #dataBytes = 0;
  /** Where the picture ends, in the video's timescale. */
  #shownUntil = 0;

  constructor(selections: readonly Selection[], first: Selection) {
    this.#first = first;
    const videoTimescales = selections.map(({ run }) => run.video.timescale);
    const audioTimescales = selections.flatMap(({ run }) => run.audio?.timescale ?? []);
    this.#video = new ExportTrack('video', commonTimescale(videoTimescales, MAX_TIMESCALE));
    this.#audio = new ExportTrack('audio', commonTimescale(audioTimescales, MAX_TIMESCALE));
  }

  get copies(): readonly CopyRange[] {
    return this.#copies;
  }

  add(selection: Selection): void {
    const { run } = selection;
    const delayUs = this.#delayUs(selection);
    // In the order in which they were recorded: picture and sound of a part next to each other.
    const slices = [...selection.video, ...selection.audio];
    slices.sort((a, b) => a.partIndex - b.partIndex);
    for (const slice of slices) {
      const position = this.#position(slice.track, slice.decodeTimeTicks, run, delayUs);
      this.#trackOf(slice).append(slice, position, this.#dataBytes);
      this.#copy(slice);
    }
    this.#shownUntil = this.#position(run.video, selection.endTicks, run, delayUs);
  }

  /** Everything in front of the media data, and how much of that there is. */
  header(createdMs: number): { header: Buffer; dataBytes: number } {
    this.#video.finish();
    this.#audio.finish();
    const ftyp = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso6mp41', 'latin1'));
    const mdatHeader = boxHeader('mdat', this.#dataBytes);
    // Offsets have a fixed width, so a first draft tells how long the box will be.
    const dataAt = ftyp.length + this.#movie(0, createdMs).length + mdatHeader.length;
    const header = Buffer.concat([ftyp, this.#movie(dataAt, createdMs), mdatHeader]);
    return { header, dataBytes: this.#dataBytes };
  }

  #movie(dataAt: number, createdMs: number): Buffer {
    const hasSound = !this.#audio.isEmpty;
    const videoScale = this.#video.timescale;
    const audioScale = this.#audio.timescale;
    const movieTimescale = hasSound
      ? commonTimescale([audioScale, videoScale], MAX_TIMESCALE)
      : videoScale;
    const longOffsets = this.#dataBytes + HEADER_ROOM_BYTES > U32_MAX;
    const common = { dataAt, longOffsets, movieTimescale };
    const tracks = [this.#video.movieTrack({ ...common, endPosition: this.#shownUntil })];
    if (hasSound) {
      const pictureEnd = rescale(this.#shownUntil, videoScale, audioScale);
      const endPosition = Math.min(this.#audio.endPosition, pictureEnd);
      tracks.push(this.#audio.movieTrack({ ...common, endPosition }));
    }
    const duration = Math.max(...tracks.map((track) => track.movieDuration));
    const createdEpochSeconds = createdMs / 1000;
    return movieBox({ timescale: movieTimescale, duration, createdEpochSeconds }, tracks);
  }

  #trackOf(slice: Slice): ExportTrack {
    return slice.track.kind === 'video' ? this.#video : this.#audio;
  }

  /**
   * A decode time of `run` in ticks of the export's track, counted from the first picture shown:
   * T (shift + ticks / S - start / V), as one fraction, because the parts do not fit in 53 bits.
   */
  #position(track: Track, ticks: number, run: ExportRun, delayUs: number): number {
    const shiftUs = Math.round((run.anchorMs - this.#first.run.anchorMs) * 1000) + delayUs;
    const micro = BigInt(MICROSECONDS);
    const source = BigInt(track.timescale);
    const firstScale = BigInt(this.#first.run.video.timescale);
    const target = BigInt((track.kind === 'video' ? this.#video : this.#audio).timescale);
    const numerator =
      BigInt(shiftUs) * source * firstScale +
      BigInt(ticks) * micro * firstScale -
      BigInt(this.#first.startTicks) * micro * source;
    return roundedQuotient(target * numerator, micro * source * firstScale);
  }

  /** How much later than its wall clock says a run must begin to follow the one before it. */
  #delayUs(selection: Selection): number {
    let delayUs = 0;
    for (const slice of [selection.video[0], selection.audio[0]]) {
      if (slice === undefined) continue;
      const track = this.#trackOf(slice);
      if (track.isEmpty) continue;
      const position = this.#position(slice.track, slice.decodeTimeTicks, selection.run, 0);
      // A packet of sound may be cut short by the next run; a picture keeps its time.
      const earliest = track === this.#video ? track.endPosition : track.lastPosition + 1;
      const missing = ((earliest - position) * MICROSECONDS) / track.timescale;
      delayUs = Math.max(delayUs, Math.ceil(missing));
    }
    return delayUs;
  }

  /** Notes the bytes of `slice`, joined with what lies right before them in the same file. */
  #copy(slice: Slice): void {
    const { part, table } = slice;
    const offset = part.offsetBytes + table.offsetBytes + sizeOf(table, 0, slice.first);
    const length = sizeOf(table, slice.first, slice.end);
    this.#dataBytes += length;
    const last = this.#copies.at(-1);
    if (last?.source === part.source && last.offset + last.length === offset) last.length += length;
    else this.#copies.push({ source: part.source, offset, length });
  }
}
