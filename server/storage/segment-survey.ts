/**
 * Reads a segment as the index has to know it: its label, its tracks, and where its parts lie. Media is
 * passed over: of a part of a megabyte, its `moof` is read.
 */
import { ticksToMs } from '../base/time.ts';
import { AppError } from '../base/errors.ts';
import { boxAt, childBoxes, contentOf, readBoxHeader } from '../fmp4/box.ts';
import { parseTrack } from '../fmp4/init-segment.ts';
import { readPart } from '../fmp4/part.ts';
import { durationOf, valueAt } from '../fmp4/sample-table.ts';
import type { VideoTrack } from '../fmp4/track.ts';
import type { Part } from './part-table.ts';
import type { NewRun } from './runs.ts';
import { readSegmentLabel, type SegmentLabel } from './segment-label.ts';

/** Plaintext of a segment. */
export interface SurveyedFile {
  /** How much there is, as far as lengths tell. */
  readonly sizeBytes: number;
  readonly read: (target: Buffer, offsetBytes: number) => Promise<void>;
}

/** What it says of itself. */
export interface SegmentSurvey {
  readonly label: SegmentLabel;
  readonly run: NewRun;
  /** Those that lie whole in it, in order. */
  readonly parts: readonly Part[];
  /** Where the last of them ends; less than `sizeBytes` where something is behind it. */
  readonly endBytes: number;
}

/** `moov` of ours has 1.5 kB; a camera's parameter sets are limited to 64 kB each. */
const INIT_MAX_BYTES = 1024 * 1024;

/** A `moof` has 16 bytes for each frame; 2 s of them are 2 kB. */
const MOOF_MAX_BYTES = 1024 * 1024;

const HEADER_BYTES = 16;

/** More parts than a minute can have; see part-table.ts. */
const PARTS_MAX = 3_600;

/** Throws `corrupt` where the beginning, or a part before the end, is not what a recorder wrote. */
export async function surveySegment(file: SurveyedFile): Promise<SegmentSurvey> {
  const label = await readSegmentLabel(file.read);
  const init = await readInit(file);
  const { video } = init;
  const parts: Part[] = [];
  let endBytes = init.endBytes;
  let endMs = 0;
  while (endBytes < file.sizeBytes && parts.length < PARTS_MAX) {
    const found = await readMoof(file, endBytes);
    if (found === undefined || endBytes + found.sizeBytes > file.sizeBytes) break;
    const { startMs, durationMs } = timesOf(found, { label, video, endMs });
    parts.push({
      ...{ offsetBytes: endBytes, sizeBytes: found.sizeBytes, startMs, durationMs },
      key: valueAt(found.video.sync, 0) === 1,
    });
    endMs = startMs + durationMs;
    endBytes += found.sizeBytes;
  }
  const { anchorMs, cameraId } = label;
  const run = { cameraId, anchorMs, codecs: init.codecs, width: video.width, height: video.height };
  return { label, run, parts, endBytes };
}

type PartTables = ReturnType<typeof readPart>;

/** As the recorder rounds them: both ends from media time, so that no error adds up. */
function timesOf(
  { video: table }: PartTables,
  { label, video, endMs }: { label: SegmentLabel; video: VideoTrack; endMs: number },
): { startMs: number; durationMs: number } {
  // Sound alone belongs to the pictures before it.
  if (table.count === 0) return { startMs: endMs, durationMs: 0 };
  const at = (ticks: number): number =>
    Math.round(label.anchorMs + ticksToMs(ticks, video.timescale)) - label.startMs;
  const startMs = at(table.decodeTimeTicks);
  const durationMs = at(table.decodeTimeTicks + durationOf(table)) - startMs;
  if (startMs < 0 || durationMs < 0) throw unusable('a part begins before its segment');
  return { startMs, durationMs };
}

/** The tracks, and where the boxes before the media end. */
async function readInit(
  file: SurveyedFile,
): Promise<{ video: VideoTrack; codecs: string; endBytes: number }> {
  let at = 0;
  let video: VideoTrack | undefined;
  const sounds: string[] = [];
  // `ftyp`, `moov`, the label.
  for (let boxes = 0; boxes < 3; boxes += 1) {
    const header = await headerAt(file, at);
    if (header === undefined || at + header.sizeBytes > INIT_MAX_BYTES) break;
    if (header.type === 'moov') {
      const moov = boxAt(await bytesAt(file, at, header.sizeBytes), 0);
      for (const trak of childBoxes(contentOf(moov)).filter(({ type }) => type === 'trak')) {
        const track = parseTrack(trak);
        if (track.kind === 'video') video = track;
        else sounds.push(track.codecString);
      }
    }
    at += header.sizeBytes;
  }
  if (video === undefined) throw unusable('it has no picture');
  return { video, codecs: [video.codecString, ...sounds].join(','), endBytes: at };
}

/** The part at `at`; undefined where its head is not all there. */
async function readMoof(file: SurveyedFile, at: number): Promise<PartTables | undefined> {
  const header = await headerAt(file, at);
  if (header === undefined || at + header.sizeBytes > file.sizeBytes) return undefined;
  if (header.type !== 'moof' || header.sizeBytes > MOOF_MAX_BYTES) {
    throw unusable('something else lies between its parts');
  }
  return readPart(await bytesAt(file, at, header.sizeBytes));
}

async function headerAt(file: SurveyedFile, at: number) {
  const head = await bytesAt(file, at, Math.min(HEADER_BYTES, file.sizeBytes - at));
  return readBoxHeader(head, 0);
}

async function bytesAt(file: SurveyedFile, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, length));
  await file.read(bytes, at);
  return bytes;
}

function unusable(what: string): AppError {
  return new AppError('corrupt', `a footage file cannot be used: ${what}`, {
    reason: 'segment-unusable',
  });
}
