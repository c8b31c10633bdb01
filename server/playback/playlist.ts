/**
 * Writes an HLS media playlist (RFC 8216) over footage as it lies on the disk: no byte of media is
 * rewritten, each entry is a range of a segment file. Pure.
 */
import { AppError } from '../base/errors.ts';
import { toRfc3339, type EpochMs } from '../base/time.ts';
import type { RecordedSegment } from '../storage/recordings.ts';
import type { RunHead } from '../storage/runs.ts';

/**
 * Parts that begin with a key frame less than this behind the entry's first one join it: a camera
 * of key frames only would otherwise make an entry per frame. A little below 1 s, because a camera
 * with one key frame each second should get one entry for each.
 */
const ENTRY_MIN_MS = 900;

/** Where a part begins so much before or after the end of the one before it, time has a hole. Parts
 * are contiguous to the millisecond of rounding; half a frame at 15 fps leaves room for nothing
 * else. */
const SEAM_MS = 33;

/** fMP4 needs 6 (EXT-X-MAP, RFC 8216 7), Apple's players ask for 7. */
const VERSION = 7;

/** What a playlist is made from. */
export interface PlaylistSource {
  /** In order of time, each with the parts that are wanted; they may lie in files still open. */
  readonly segments: readonly RecordedSegment[];
  /** Every run that a segment belongs to, by its id. */
  readonly runs: ReadonlyMap<number, RunHead>;
}

/** One media segment of the playlist: a group of pictures, or a few. */
interface Entry {
  readonly file: RecordedSegment;
  readonly offsetBytes: number;
  sizeBytes: number;
  readonly startMs: EpochMs;
  endMs: number;
}

/**
 * The playlist as text; its addresses are relative to `/api/playback/`. Everything that begins with
 * a key frame can be played by itself; what does not is part of the entry before it. Undefined when
 * there is nothing to play.
 */
export function buildPlaylist({ segments, runs }: PlaylistSource): string | undefined {
  const entries = segments.flatMap(entriesOf);
  if (entries.length === 0) return undefined;
  const lines: string[] = [];
  let before: Entry | undefined;
  let isJoined = false;
  let longestMs = 0;
  for (const [index, entry] of entries.entries()) {
    if (!isJoined) lines.push(...tagsBefore(entry, before, runs));
    const next = entries[index + 1];
    isJoined = next !== undefined && follows(next, entry);
    // To the beginning of the next entry where that follows, so that roundings do not add up. A
    // single frame can have no length of its own; players divide by this.
    const endMs = isJoined && next !== undefined ? next.startMs : entry.endMs;
    const lengthMs = Math.max(endMs - entry.startMs, 1);
    longestMs = Math.max(longestMs, lengthMs);
    lines.push(
      `#EXTINF:${lengthMs / 1000},`,
      `#EXT-X-BYTERANGE:${entry.sizeBytes}@${entry.offsetBytes}`,
      addressOf(entry.file),
    );
    before = entry;
  }
  return [...headerOf(longestMs), ...lines, '#EXT-X-ENDLIST', ''].join('\n');
}

/** RFC 8216 4.3.3.1: each EXTINF, rounded to whole seconds, is at most the target duration. */
function headerOf(longestMs: number): string[] {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.max(Math.round(longestMs / 1000), 1)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
}

/** The parts of one file, joined to entries that begin with a key frame. */
function entriesOf(file: RecordedSegment): Entry[] {
  const entries: Entry[] = [];
  let open: Entry | undefined;
  for (const part of file.parts) {
    const endMs = part.startMs + part.durationMs;
    const begins = part.key && (open === undefined || part.startMs - open.startMs >= ENTRY_MIN_MS);
    if (begins) {
      const { offsetBytes, sizeBytes, startMs } = part;
      open = { file, offsetBytes, sizeBytes, startMs, endMs };
      entries.push(open);
    } else if (open !== undefined) {
      open.sizeBytes = part.offsetBytes + part.sizeBytes - open.offsetBytes;
      open.endMs = Math.max(open.endMs, endMs);
    }
    // A part without a key frame and with nothing before it cannot be decoded: it is left out.
  }
  return entries;
}

/** What is said where an entry does not simply follow the one before it. */
function tagsBefore(
  entry: Entry,
  before: Entry | undefined,
  runs: ReadonlyMap<number, RunHead>,
): string[] {
  const { runId } = entry.file;
  const isOtherInit =
    before?.file.runId !== runId || before.file.initSizeBytes !== entry.file.initSizeBytes;
  return [
    ...(before === undefined ? [] : ['#EXT-X-DISCONTINUITY']),
    // All segments of a run begin with the same init, so a player fetches it once per run.
    ...(isOtherInit ? [runTag(runs.get(runId)), mapTag(entry.file)] : []),
    `#EXT-X-PROGRAM-DATE-TIME:${toRfc3339(entry.startMs)}`,
  ];
}

function follows(entry: Entry, before: Entry): boolean {
  return (
    entry.file.runId === before.file.runId &&
    entry.file.initSizeBytes === before.file.initSizeBytes &&
    Math.abs(entry.startMs - before.endMs) <= SEAM_MS
  );
}

/** RFC 8216 4.3.2.5: the bytes are those of `ftyp` and `moov`. */
function mapTag(file: RecordedSegment): string {
  return `#EXT-X-MAP:URI="${addressOf(file)}",BYTERANGE="${file.initSizeBytes}@0"`;
}

/**
 * Ours, which other players ignore (RFC 8216 6.3.1): the wall clock at decode time zero of what
 * follows, and its codecs. PROGRAM-DATE-TIME is about the first picture, which is not always what
 * begins first; and a player must begin anew where the codecs change.
 */
function runTag(run: RunHead | undefined): string {
  if (run === undefined) throw new AppError('internal', 'a segment belongs to no run');
  return `#EXT-X-DOORKEEP-RUN:ANCHOR="${toRfc3339(run.anchorMs)}",CODECS="${run.codecs}"`;
}

function addressOf({ cameraId, runId, sequence }: RecordedSegment): string {
  return `${cameraId}/${runId}/${sequence}.mp4`;
}
