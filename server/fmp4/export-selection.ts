/** Which samples of the recorded parts belong into an export. */
import type { PartTables } from './part.ts';
import { type SampleTable, valueAt } from './sample-table.ts';
import { rescale } from './timescale.ts';
import type { AudioTrack, Track, VideoTrack } from './track.ts';

/** A part and where it lies. */
export interface ExportPart {
  /** The caller's number of the file. */
  readonly source: number;
  /** Of the part's first byte within the file. */
  readonly offsetBytes: number;
  readonly tables: PartTables;
}

/**
 * Consecutive parts of one run. When one of them cannot be read, what follows it is another
 * `ExportRun` with the same tracks and anchor: it then begins at its first key frame.
 */
export interface ExportRun {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  /** Wall clock (ms since 1970) at media time zero. */
  readonly anchorMs: number;
  /**
   * In order. Sound is written behind its picture, so parts behind the range belong to it too:
   * their sound is used, their picture is not.
   */
  readonly parts: readonly ExportPart[];
}

/** Wall clock, ms since 1970; `toMs` is not included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of neighbouring samples of one track in one part. */
export interface Slice {
  readonly track: Track;
  readonly part: ExportPart;
  /** Of the part within its run. */
  readonly partIndex: number;
  /** The track's samples of the part. */
  readonly table: SampleTable;
  readonly first: number;
  /** Not included. */
  readonly end: number;
  /** Decode time of the sample `first`. */
  readonly decodeTimeTicks: number;
}

/** What is taken from one run. Presentation times of the picture, in the video's timescale. */
export interface Selection {
  readonly run: ExportRun;
  /** Of the key frame with which it begins. */
  readonly startTicks: number;
  /** End of the last frame that begins before the end of the range. */
  readonly endTicks: number;
  readonly video: readonly Slice[];
  readonly audio: readonly Slice[];
}

/**
 * Begins at the key frame at or before `fromMs` whose pictures reach into the range, else at the
 * first after it; ends after the last frame that is shown before `toMs`. Sound is cut to the
 * picture. Runs without a picture in the range are left out; the result may be empty.
 */
export function selectSamples(runs: readonly ExportRun[], range: TimeRange): Selection[] {
  const selections: Selection[] = [];
  for (const run of runs) {
    const video = selectVideo(run, range);
    if (video === undefined) continue;
    const audio = selectAudio(run, video, selections.length === 0);
    selections.push({ run, ...video, audio });
  }
  return selections;
}

/** A sample: which one, and when. */
interface SamplePlace {
  readonly part: number;
  readonly sample: number;
  readonly decodeTimeTicks: number;
  readonly presentationTicks: number;
  readonly durationTicks: number;
  readonly sync: boolean;
}

function* places(run: ExportRun, kind: 'video' | 'audio'): Generator<SamplePlace, void> {
  for (const [part, { tables }] of run.parts.entries()) {
    const table = tables[kind];
    let decodeTimeTicks = table.decodeTimeTicks;
    for (let sample = 0; sample < table.count; sample += 1) {
      const durationTicks = valueAt(table.durations, sample);
      const presentationTicks = decodeTimeTicks + valueAt(table.compositionOffsets, sample);
      const sync = table.sync[sample] === 1;
      yield { part, sample, decodeTimeTicks, presentationTicks, durationTicks, sync };
      decodeTimeTicks += durationTicks;
    }
  }
}

function selectVideo(
  run: ExportRun,
  range: TimeRange,
): Pick<Selection, 'startTicks' | 'endTicks' | 'video'> | undefined {
  const { timescale } = run.video;
  const fromTicks = ((range.fromMs - run.anchorMs) * timescale) / 1000;
  const toTicks = ((range.toMs - run.anchorMs) * timescale) / 1000;
  let key: SamplePlace | undefined;
  let last: SamplePlace | undefined;
  let endTicks = -Infinity;
  for (const place of places(run, 'video')) {
    if (place.presentationTicks >= toTicks) continue;
    if (place.sync && (key === undefined || place.presentationTicks <= fromTicks)) key = place;
    if (key === undefined) continue;
    last = place;
    endTicks = Math.max(endTicks, place.presentationTicks + place.durationTicks);
  }
  if (key === undefined || last === undefined || endTicks <= fromTicks) return undefined;
  return { startTicks: key.presentationTicks, endTicks, video: slices(run, run.video, key, last) };
}

/** Sound whose packets reach into the picture's range, in parts before, within or behind it. */
function selectAudio(
  run: ExportRun,
  video: { startTicks: number; endTicks: number },
  isFirstRun: boolean,
): Slice[] {
  const { audio } = run;
  if (audio === undefined) return [];
  const startTicks = rescale(video.startTicks, run.video.timescale, audio.timescale);
  const endTicks = rescale(video.endTicks, run.video.timescale, audio.timescale);
  let first: SamplePlace | undefined;
  let last: SamplePlace | undefined;
  let previous: SamplePlace | undefined;
  for (const place of places(run, 'audio')) {
    if (place.decodeTimeTicks >= endTicks) break;
    // What is before the picture can be hidden only once: by the edit list, at the beginning.
    if (isFirstRun ? endOf(place) > startTicks : place.decodeTimeTicks >= startTicks) {
      first ??= isFirstRun ? withPreroll(previous, place) : place;
      last = place;
    }
    previous = place;
  }
  return first === undefined || last === undefined ? [] : slices(run, audio, first, last);
}

/** AAC overlaps neighbouring packets: the first one needs the one before it to sound whole. */
function withPreroll(previous: SamplePlace | undefined, place: SamplePlace): SamplePlace {
  const isNeighbour = previous !== undefined && endOf(previous) === place.decodeTimeTicks;
  return isNeighbour ? previous : place;
}

function endOf(place: SamplePlace): number {
  return place.decodeTimeTicks + place.durationTicks;
}

/** All samples of one track from `from` to `last`, both included. */
function slices(run: ExportRun, track: Track, from: SamplePlace, last: SamplePlace): Slice[] {
  const result: Slice[] = [];
  for (const [partIndex, part] of run.parts.entries()) {
    if (partIndex < from.part || partIndex > last.part) continue;
    const table = part.tables[track.kind];
    const isFirst = partIndex === from.part;
    const first = isFirst ? from.sample : 0;
    const end = partIndex === last.part ? last.sample + 1 : table.count;
    const decodeTimeTicks = isFirst ? from.decodeTimeTicks : table.decodeTimeTicks;
    if (end > first) result.push({ track, part, partIndex, table, first, end, decodeTimeTicks });
  }
  return result;
}
