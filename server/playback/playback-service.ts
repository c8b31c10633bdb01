/** Footage for players: the playlist of a stretch of time, and the bytes that it names. */
import type { Readable } from 'node:stream';
import { AppError, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import { cameraById } from '../storage/cameras.ts';
import type { Database } from '../storage/database.ts';
import type { FootageStore } from '../storage/footage.ts';
import { partsBetween } from '../storage/recordings.ts';
import { runHead, type RunHead } from '../storage/runs.ts';
import type { SegmentReader } from '../storage/segment-reader.ts';
import {
  firstRecordedMs,
  lastRecordedMs,
  segmentAt,
  type SegmentPlace,
} from '../storage/segments.ts';
import { buildPlaylist } from './playlist.ts';
import { segmentStream, type ByteSpan } from '../storage/segment-stream.ts';

/** A day, also the one of 25 hours. Its 43,200 entries of 2 s take as long to build as
 * docs/design/playback.md says, and nothing else runs meanwhile. */
export const PLAYLIST_MAX_MS = 25 * 3_600_000;

/** What it works with. */
export interface PlaybackDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly log: Log;
}

/** See the head of this file. Whether the person may is decided before. */
export class PlaybackService {
  readonly #db: Database;
  readonly #footage: FootageStore;
  readonly #log: Log;

  constructor({ db, footage, log }: PlaybackDeps) {
    this.#db = db;
    this.#footage = footage;
    this.#log = log;
  }

  /**
   * The HLS playlist of what is durable of [fromMs, toMs), from the last key frame at or before
   * `fromMs` on. Throws `not-found` (no such camera; reason nothing-recorded), `unprocessable`
   * (range-too-long).
   */
  playlist(cameraId: string, fromMs: EpochMs, toMs: EpochMs): string {
    if (cameraById(this.#db, cameraId) === undefined) {
      throw new AppError('not-found', 'There is no such camera.', {
        hint: 'It may have been removed. Look at the list of cameras.',
      });
    }
    this.#checkLength(cameraId, fromMs, toMs);
    const segments = partsBetween(this.#db, { cameraId, fromMs, toMs });
    const runs = new Map<number, RunHead>();
    for (const { runId } of segments) {
      const run = runs.get(runId) ?? runHead(this.#db, runId);
      if (run !== undefined) runs.set(runId, run);
    }
    const playlist = buildPlaylist({ segments, runs });
    if (playlist === undefined) {
      throw new AppError('not-found', 'Nothing was recorded in this time.', {
        reason: 'nothing-recorded',
        hint: 'The list of recordings says when something was.',
      });
    }
    return playlist;
  }

  /** When a segment begins; `not-found` when there is none. */
  startOf(place: SegmentPlace): EpochMs {
    const segment = segmentAt(this.#db, place);
    if (segment === undefined) throw footageGone();
    return segment.startMs;
  }

  /** How many bytes of a segment count; `not-found` when there is no such segment. */
  sizeOf(place: SegmentPlace): number {
    const segment = segmentAt(this.#db, place);
    if (segment === undefined || cameraById(this.#db, place.cameraId) === undefined) {
      throw footageGone();
    }
    return segment.sizeBytes;
  }

  /** Bytes of a segment, inside what counts; `not-found` when its file is gone. The caller reads the
   * stream or destroys it. */
  async read(place: SegmentPlace, span: ByteSpan): Promise<Readable> {
    const stream = segmentStream(await this.#open(place), span);
    // The answer has begun by then: all that a browser gets to know is that it broke off.
    stream.once('error', (error) => {
      this.#log.warn({ ...errorFields(error), runId: place.runId }, 'footage could not be read');
    });
    return stream;
  }

  async #open(place: SegmentPlace): Promise<SegmentReader> {
    try {
      return await this.#footage.open(place);
    } catch (thrown) {
      const error = toAppError(thrown);
      throw error.kind === 'not-found' ? footageGone(error) : error;
    }
  }

  /** "Everything" is a fair question while everything is little. */
  #checkLength(cameraId: string, fromMs: EpochMs, toMs: EpochMs): void {
    const firstMs = firstRecordedMs(this.#db, cameraId) ?? epochMs(0);
    const lastMs = lastRecordedMs(this.#db, cameraId) ?? epochMs(0);
    if (Math.min(toMs, lastMs) - Math.max(fromMs, firstMs) <= PLAYLIST_MAX_MS) return;
    throw new AppError('unprocessable', 'This is too long a time to play at once.', {
      reason: 'range-too-long',
      hint: `Ask for at most ${PLAYLIST_MAX_MS / 3_600_000} hours at once.`,
    });
  }
}

function footageGone(cause?: AppError): AppError {
  return new AppError('not-found', 'This footage is not there.', {
    hint: 'It was deleted, with its camera or to make room. Ask for the list again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
