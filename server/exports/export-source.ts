/** Reads what a plan is made of: the tracks of each run and the head of each part. */
import { AppError, toAppError } from '../base/errors.ts';
import { epochMs } from '../base/time.ts';
import { box } from '../fmp4/box-writer.ts';
import { boxAt, childBoxes, contentOf, requireBox } from '../fmp4/box.ts';
import type { ExportPart, ExportRun, TimeRange } from '../fmp4/export-selection.ts';
import { parseInit } from '../fmp4/init-segment.ts';
import { readPart } from '../fmp4/part.ts';
import type { AudioTrack, VideoTrack } from '../fmp4/track.ts';
import type { Database } from '../storage/database.ts';
import type { FootageStore } from '../storage/footage.ts';
import { partsBetween, type RecordedPart, type RecordedSegment } from '../storage/recordings.ts';
import { anchorOf } from '../storage/runs.ts';
import type { SegmentReader } from '../storage/segment-reader.ts';

/** A `moof` of 2 s at 30 fps with sound is about 1.5 kB; a larger one is read a second time. */
const MOOF_GUESS_BYTES = 4 * 1024;

/** Parts are found by decode time, a cut is made by presentation time: with B-frames these differ by
 * some frames. */
const MARGIN_MS = 1_000;

/** Sound is written behind its picture: by half a second, and by seconds where it is encoded on a box that
 * has much to do. What a part holds is looked at; reading some heads too many costs little. */
const SOUND_BEHIND_MS = 5_000;

/** What `planExport` needs, and which file its numbers mean. */
export interface ExportSource {
  readonly runs: readonly ExportRun[];
  /** `source` n of the plan is `files[n]`. */
  readonly files: readonly RecordedSegment[];
  /** Parts and files that could not be read: they are left out. */
  readonly unreadable: number;
}

interface Tracks {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
}

/** A run while its parts are being collected. */
interface OpenRun extends Tracks {
  readonly runId: number;
  readonly anchorMs: number;
  readonly parts: ExportPart[];
}

/** Reads the heads of all parts in `range` and a little around it; throws `cancelled`. */
export async function readExportSource(
  deps: { readonly db: Database; readonly footage: FootageStore },
  query: TimeRange & { readonly cameraId: string },
  signal: AbortSignal,
): Promise<ExportSource> {
  const { db, footage } = deps;
  const files = partsBetween(db, {
    cameraId: query.cameraId,
    fromMs: epochMs(query.fromMs - MARGIN_MS),
    toMs: epochMs(query.toMs + SOUND_BEHIND_MS),
  });
  const collector = new Collector(db);
  for (const [source, segment] of files.entries()) {
    signal.throwIfAborted();
    await collector.addSegment(footage, source, segment);
  }
  return { runs: collector.runs, files, unreadable: collector.unreadable };
}

class Collector {
  readonly #db: Database;
  readonly #scratch = Buffer.alloc(MOOF_GUESS_BYTES);
  readonly runs: OpenRun[] = [];
  /** Undefined when the next part must begin a run of its own. */
  #open: OpenRun | undefined;
  unreadable = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  async addSegment(footage: FootageStore, source: number, segment: RecordedSegment): Promise<void> {
    let reader: SegmentReader | undefined;
    try {
      reader = await footage.open(segment);
      if (this.#open?.runId !== segment.runId) await this.#beginRun(reader, segment);
      for (const part of segment.parts) await this.#addPart(reader, { source, segment, part });
    } catch (thrown) {
      this.#skip(thrown);
    } finally {
      await reader?.close();
    }
  }

  async #addPart(
    reader: SegmentReader,
    at: { source: number; segment: RecordedSegment; part: RecordedPart },
  ): Promise<void> {
    const { source, segment, part } = at;
    try {
      const bytes = await this.#readMoof(reader, part);
      const tables = readPart(bytes);
      if (tables.sizeBytes > part.sizeBytes) throw damaged('a part is longer than the index says');
      if (this.#open === undefined) await this.#beginRun(reader, segment);
      this.#open?.parts.push({ source, offsetBytes: part.offsetBytes, tables });
    } catch (thrown) {
      this.#skip(thrown);
    }
  }

  /** A view into memory that the next call uses again: `readPart` copies what it keeps. */
  async #readMoof(reader: SegmentReader, part: RecordedPart): Promise<Buffer> {
    const guess = this.#scratch.subarray(0, Math.min(MOOF_GUESS_BYTES, part.sizeBytes));
    await reader.read(guess, part.offsetBytes);
    const sizeBytes = guess.length < 4 ? 0 : guess.readUInt32BE(0);
    if (sizeBytes <= guess.length) return guess;
    if (sizeBytes > part.sizeBytes) throw damaged('a moof is longer than its part');
    const whole = Buffer.alloc(sizeBytes);
    await reader.read(whole, part.offsetBytes);
    return whole;
  }

  async #beginRun(reader: SegmentReader, segment: RecordedSegment): Promise<void> {
    const anchorMs = anchorOf(this.#db, segment.runId);
    if (anchorMs === undefined) throw damaged('a segment belongs to no run');
    const init = Buffer.alloc(segment.initSizeBytes);
    await reader.read(init, 0);
    const run = { ...readTracks(init), runId: segment.runId, anchorMs, parts: [] };
    this.#open = run;
    this.runs.push(run);
  }

  /** One damaged part must not cost the person the rest; what follows begins at a key frame. */
  #skip(thrown: unknown): void {
    const error = toAppError(thrown);
    if (error.kind !== 'corrupt' && error.kind !== 'not-found') throw error;
    this.#open = undefined;
    this.unreadable += 1;
  }
}

/** The tracks of a segment's init; fmp4 reads one track at a time, as ffmpeg's outputs have one. */
function readTracks(init: Buffer): Tracks {
  const moov = requireBox(childBoxes(init), 'moov');
  const tracks = childBoxes(contentOf(moov))
    .filter((child) => child.type === 'trak')
    .map((trak) => parseInit(boxAt(box('moov', trak.bytes), 0)));
  const video = tracks.find((track) => track.kind === 'video');
  if (video === undefined) throw damaged('a segment has no picture');
  return { video, audio: tracks.find((track) => track.kind === 'audio') };
}

function damaged(what: string): AppError {
  return new AppError('corrupt', what);
}
