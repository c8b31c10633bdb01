/** What footage there is, by time: for the timeline, for exports, for playback. */
import { AppError } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import type { GapReason } from '../contract/recording.ts';
import type { Database } from './database.ts';
import { gapsBetween, SHORTEST_GAP_MS } from './gaps.ts';
import type { Query } from './row.ts';
import {
  firstRecordedMs,
  lastRecordedMs,
  partsOf,
  SEGMENT_MAX_MS,
  segmentsBetween,
  type SegmentPlace,
  type TimeQuery,
} from './segments.ts';

/** One answer walks the segments of so much time: a month and a day, 46,080 rows, about 60 ms. */
export const RANGES_MAX_MS = 32 * 24 * 3_600_000;

/** A stretch of footage without a break that a person would notice. */
export interface RecordedRange {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

/** A stretch without footage, cut to the query. */
export interface RecordedGap extends RecordedRange {
  readonly reason: GapReason;
  /** It goes on: `toMs` is the end of the query or now, whichever is first. */
  readonly open: boolean;
}

/** Both lists are in order of time and cut to the query. */
export interface RecordedRanges {
  readonly ranges: readonly RecordedRange[];
  readonly gaps: readonly RecordedGap[];
  /** Footage that a clock labelled which nobody vouched for. */
  readonly uncertain: readonly RecordedRange[];
}

/** One durable part of a segment. */
export interface RecordedPart {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly startMs: EpochMs;
  readonly durationMs: number;
  /** It begins with a key frame. */
  readonly key: boolean;
}

/** A segment and those of its parts that a query needs. */
export interface RecordedSegment extends SegmentPlace {
  readonly segmentId: number;
  readonly startMs: EpochMs;
  /** `ftyp` and `moov` take so many bytes at the beginning of the file. */
  readonly initSizeBytes: number;
  readonly parts: readonly RecordedPart[];
}

const TIMES: Query<RecordedRange> = {
  sql: `SELECT start_ms, start_ms + duration_ms AS end_ms FROM segment
        WHERE camera_id = :cameraId AND start_ms > :searchFromMs AND start_ms < :toMs
        ORDER BY start_ms`,
  read: (row) => ({ fromMs: row.instant('start_ms'), toMs: row.instant('end_ms') }),
};

// From the few uncertain runs to their segments, never the other way round.
const UNCERTAIN: Query<RecordedRange> = {
  sql: `SELECT min(start_ms) AS from_ms, max(start_ms + duration_ms) AS to_ms
        FROM run CROSS JOIN segment ON segment.run_id = run.id
        WHERE run.camera_id = :cameraId AND run.uncertain = 1
          AND start_ms < :toMs AND start_ms + duration_ms > :fromMs
        GROUP BY run.id ORDER BY run.id`,
  read: (row) => ({ fromMs: row.instant('from_ms'), toMs: row.instant('to_ms') }),
};

/**
 * Ranges and gaps of one camera in [fromMs, toMs). Throws `unprocessable` when the query covers more
 * than 32 days in which there is footage.
 */
export function recordedRanges(
  db: Database,
  query: TimeQuery & { readonly nowMs: EpochMs },
): RecordedRanges {
  return { ranges: ranges(db, query), gaps: gaps(db, query), uncertain: uncertain(db, query) };
}

function uncertain(db: Database, { cameraId, fromMs, toMs }: TimeQuery): RecordedRange[] {
  const found = db.all(UNCERTAIN, { cameraId, fromMs, toMs });
  return found.map((range) => cut(range, { cameraId, fromMs, toMs })).filter(isNotEmpty);
}

/**
 * The parts that a cut of [fromMs, toMs) is made from, by segment: from the last key frame at or
 * before `fromMs` to the part in which `toMs` lies. Empty when there is nothing.
 */
export function partsBetween(db: Database, query: TimeQuery): RecordedSegment[] {
  const found: RecordedSegment[] = [];
  for (const segment of segmentsBetween(db, query)) {
    const parts = partsOf(db, segment).map((part) => ({
      ...part,
      startMs: epochMs(segment.startMs + part.startMs),
    }));
    const first = parts[0];
    // Decoding can start at a key part only; the first part of a segment always is one.
    const from = parts.findLastIndex((part) => part.key && part.startMs <= query.fromMs);
    const wanted = parts.slice(Math.max(from, 0)).filter((part) => part.startMs < query.toMs);
    if (first === undefined || wanted.length === 0) continue;
    const { segmentId, cameraId, runId, sequence, startMs } = segment;
    found.push({
      segmentId,
      cameraId,
      runId,
      sequence,
      startMs,
      initSizeBytes: first.offsetBytes,
      parts: wanted,
    });
  }
  return found;
}

function ranges(db: Database, query: TimeQuery): RecordedRange[] {
  const firstMs = firstRecordedMs(db, query.cameraId);
  const lastMs = lastRecordedMs(db, query.cameraId);
  if (firstMs === undefined || lastMs === undefined) return [];
  // "Everything" is a fair question while everything is little.
  const fromMs = Math.max(query.fromMs, firstMs);
  const toMs = Math.min(query.toMs, lastMs);
  if (toMs - fromMs > RANGES_MAX_MS) {
    throw new AppError('unprocessable', 'This is too long a time for one answer.', {
      reason: 'range-too-long',
      hint: 'Ask for at most 32 days at once.',
    });
  }
  const merged: { fromMs: EpochMs; toMs: EpochMs }[] = [];
  const searchFromMs = fromMs - SEGMENT_MAX_MS - 1;
  for (const stretch of db.all(TIMES, { cameraId: query.cameraId, searchFromMs, toMs })) {
    if (stretch.toMs <= fromMs) continue;
    const last = merged.at(-1);
    if (last !== undefined && stretch.fromMs - last.toMs <= SHORTEST_GAP_MS) {
      last.toMs = later(last.toMs, stretch.toMs);
    } else {
      merged.push({ ...stretch });
    }
  }
  return merged.map((range) => cut(range, query)).filter(isNotEmpty);
}

function gaps(db: Database, query: TimeQuery & { readonly nowMs: EpochMs }): RecordedGap[] {
  return gapsBetween(db, query)
    .map(({ fromMs, toMs, reason }) => ({
      ...cut({ fromMs, toMs: toMs ?? later(fromMs, query.nowMs) }, query),
      reason,
      open: toMs === undefined,
    }))
    .filter(isNotEmpty);
}

function cut(range: RecordedRange, query: TimeQuery): RecordedRange {
  return {
    fromMs: later(range.fromMs, query.fromMs),
    toMs: epochMs(Math.min(range.toMs, query.toMs)),
  };
}

function isNotEmpty(range: RecordedRange): boolean {
  return range.toMs > range.fromMs;
}

function later(a: EpochMs, b: EpochMs): EpochMs {
  return epochMs(Math.max(a, b));
}
