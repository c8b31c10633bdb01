/** Segment rows and the parts of open ones. The steps are those of docs/design/storage.md. */
import { AppError } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import { decodePartTable, encodePartTable, type Part } from './part-table.ts';
import type { Query, Row } from './row.ts';

/** The longest a segment may be: what one torn file can cost, and what one seek has to look at. */
export const SEGMENT_MAX_MS = 60_000;

/** Names one footage file. */
export interface SegmentPlace {
  readonly cameraId: string;
  readonly runId: number;
  /** 0, 1, 2 … within the run. */
  readonly sequence: number;
}

/** A segment as the index has it. */
export interface StoredSegment extends SegmentPlace {
  readonly segmentId: number;
  readonly startMs: EpochMs;
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** The folded parts; undefined while the segment is open. */
  readonly partTable: Buffer | undefined;
}

/** What the segment query by time needs. */
export interface TimeQuery {
  readonly cameraId: string;
  readonly fromMs: EpochMs;
  /** Not included. */
  readonly toMs: EpochMs;
}

const COLUMNS = 'id, camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts';
const INSERT = `
  INSERT INTO segment
    (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts, state)
  VALUES (:cameraId, :runId, :sequence, :startMs, :durationMs, :sizeBytes, NULL, 'open')`;
const INSERT_CLOSED = `
  INSERT INTO segment
    (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts, state)
  VALUES (:cameraId, :runId, :sequence, :startMs, :durationMs, :sizeBytes, :parts, 'closed')`;
const INSERT_PART = `
  INSERT INTO part (segment_id, offset_bytes, size_bytes, start_ms, duration_ms, key)
  VALUES (:segmentId, :offsetBytes, :sizeBytes, :startMs, :durationMs, :key)`;
const GROW = `
  UPDATE segment SET duration_ms = :durationMs, size_bytes = :sizeBytes
  WHERE id = :segmentId AND state = 'open'`;
const CLOSE = `
  UPDATE segment SET parts = :parts, state = 'closed',
    duration_ms = :durationMs, size_bytes = :sizeBytes
  WHERE id = :segmentId`;
const PARTS: Query<Part> = {
  sql: `SELECT offset_bytes, size_bytes, start_ms, duration_ms, key FROM part
        WHERE segment_id = :segmentId ORDER BY offset_bytes`,
  read: (row) => ({
    offsetBytes: row.integer('offset_bytes'),
    sizeBytes: row.integer('size_bytes'),
    startMs: row.integer('start_ms'),
    durationMs: row.integer('duration_ms'),
    key: row.flag('key'),
  }),
};
const DELETE_PARTS = 'DELETE FROM part WHERE segment_id = :segmentId';
const DELETE = 'DELETE FROM segment WHERE id = :segmentId';
const OPEN: Query<StoredSegment> = {
  sql: `SELECT ${COLUMNS} FROM segment WHERE state = 'open' ORDER BY camera_id`,
  read: readSegment,
};
const OPEN_OF: Query<number> = {
  sql: `SELECT id FROM segment WHERE camera_id = :cameraId AND state = 'open'`,
  read: (row) => row.integer('id'),
};
const LAST: Query<EpochMs> = {
  sql: `SELECT start_ms + duration_ms AS end_ms FROM segment
        WHERE camera_id = :cameraId ORDER BY start_ms DESC LIMIT 1`,
  read: (row) => row.instant('end_ms'),
};
const FIRST: Query<EpochMs> = {
  sql: `SELECT start_ms FROM segment WHERE camera_id = :cameraId ORDER BY start_ms LIMIT 1`,
  read: (row) => row.instant('start_ms'),
};
// The index ends at start_ms, so the search begins one segment's length before the range.
const BETWEEN: Query<StoredSegment> = {
  sql: `SELECT ${COLUMNS} FROM segment
        WHERE camera_id = :cameraId AND start_ms > :searchFromMs AND start_ms < :toMs
          AND start_ms + duration_ms > :fromMs
        ORDER BY start_ms`,
  read: readSegment,
};
const ANY_BETWEEN: Query<true> = {
  sql: `SELECT 1 FROM segment
        WHERE camera_id = :cameraId AND start_ms > :searchFromMs AND start_ms < :toMs
          AND start_ms + duration_ms > :fromMs
        LIMIT 1`,
  read: () => true,
};
const AT: Query<StoredSegment> = {
  sql: `SELECT ${COLUMNS} FROM segment
        WHERE run_id = :runId AND sequence = :sequence AND camera_id = :cameraId`,
  read: readSegment,
};
const PAGE: Query<StoredSegment> = {
  sql: `SELECT ${COLUMNS} FROM segment WHERE camera_id = :cameraId AND start_ms > :afterMs
        ORDER BY start_ms LIMIT :limit`,
  read: readSegment,
};
const CLOSED_OLDEST: Query<StoredSegment> = {
  sql: `SELECT ${COLUMNS} FROM segment WHERE camera_id = :cameraId AND state = 'closed'
        ORDER BY start_ms LIMIT :limit`,
  read: readSegment,
};
const NEWEST: Query<StoredSegment> = {
  sql: `SELECT ${COLUMNS} FROM segment WHERE camera_id = :cameraId
        ORDER BY start_ms DESC LIMIT :limit`,
  read: readSegment,
};
// One step of the index for each camera, not one for each row.
const CAMERAS: Query<string> = {
  sql: `SELECT id FROM camera WHERE EXISTS
          (SELECT 1 FROM segment WHERE segment.camera_id = camera.id) ORDER BY id`,
  read: (row) => row.text('id'),
};
const SEQUENCES: Query<number> = {
  sql: 'SELECT sequence FROM segment WHERE run_id = :runId AND camera_id = :cameraId',
  read: (row) => row.integer('sequence'),
};
const NEXT_SEQUENCE: Query<number> = {
  sql: `SELECT coalesce(max(sequence) + 1, 0) AS sequence FROM segment WHERE run_id = :runId`,
  read: (row) => row.integer('sequence'),
};

/**
 * create 5: the row of a segment whose first part is durable. A segment of this camera that could
 * not be closed before (the database was full) is closed now: a camera has one open segment.
 */
export function insertSegment(
  db: Database,
  segment: SegmentPlace & { startMs: EpochMs },
  part: Part,
): number {
  return db.transaction(() => {
    for (const left of db.all(OPEN_OF, { cameraId: segment.cameraId })) closeSegment(db, left);
    const segmentId = db.run(INSERT, {
      ...segment,
      durationMs: part.startMs + part.durationMs,
      sizeBytes: part.offsetBytes + part.sizeBytes,
    }).lastId;
    insertPart(db, segmentId, part);
    return segmentId;
  });
}

/** rebuild 3: the row of a finished file that was found on the disk. */
export function insertFoundSegment(
  db: Database,
  segment: SegmentPlace & { startMs: EpochMs },
  parts: readonly Part[],
): void {
  const last = parts.at(-1);
  if (last === undefined) throw new AppError('internal', 'a segment without parts was found');
  db.run(INSERT_CLOSED, {
    ...{ ...segment, parts: encodePartTable(parts) },
    durationMs: last.startMs + last.durationMs,
    sizeBytes: last.offsetBytes + last.sizeBytes,
  });
}

/** append 3: a part that is durable in the file of an open segment counts from now on. */
export function addPart(db: Database, segmentId: number, part: Part): void {
  db.transaction(() => {
    insertPart(db, segmentId, part);
    const { changes } = db.run(GROW, {
      segmentId,
      durationMs: part.startMs + part.durationMs,
      sizeBytes: part.offsetBytes + part.sizeBytes,
    });
    if (changes !== 1) throw new AppError('internal', 'a part was added to a closed segment');
  });
}

/** close 1: folds the parts into the row. `keep` says which of them count (start-up 4). */
export function closeSegment(db: Database, segmentId: number, keep?: readonly Part[]): void {
  db.transaction(() => {
    const parts = keep ?? db.all(PARTS, { segmentId });
    const last = parts.at(-1);
    if (last === undefined) throw new AppError('internal', 'a segment without parts was closed');
    db.run(CLOSE, {
      segmentId,
      parts: encodePartTable(parts),
      durationMs: last.startMs + last.durationMs,
      sizeBytes: last.offsetBytes + last.sizeBytes,
    });
    db.run(DELETE_PARTS, { segmentId });
  });
}

/** Deletes a row whose file is gone or holds nothing. */
export function deleteSegment(db: Database, segmentId: number): void {
  db.run(DELETE, { segmentId });
}

/** Every segment that is being written, or was when the server was killed. */
export function openSegments(db: Database): StoredSegment[] {
  return db.all(OPEN);
}

/** The parts of a segment, whether it is open or closed. */
export function partsOf(db: Database, segment: StoredSegment): Part[] {
  if (segment.partTable !== undefined) return decodePartTable(segment.partTable);
  return db.all(PARTS, { segmentId: segment.segmentId });
}

/** Where the footage of a camera ends; undefined when there is none. */
export function lastRecordedMs(db: Database, cameraId: string): EpochMs | undefined {
  return db.get(LAST, { cameraId });
}

/** Where the footage of a camera begins; undefined when there is none. */
export function firstRecordedMs(db: Database, cameraId: string): EpochMs | undefined {
  return db.get(FIRST, { cameraId });
}

/** The segments that touch [fromMs, toMs), by time. */
export function segmentsBetween(db: Database, query: TimeQuery): StoredSegment[] {
  const searchFromMs = epochMs(query.fromMs - SEGMENT_MAX_MS - 1);
  return db.all(BETWEEN, { ...query, searchFromMs });
}

/** Whether any segment touches [fromMs, toMs). */
export function hasFootage(db: Database, query: TimeQuery): boolean {
  const searchFromMs = epochMs(query.fromMs - SEGMENT_MAX_MS - 1);
  return db.get(ANY_BETWEEN, { ...query, searchFromMs }) ?? false;
}

/** One segment; undefined when there is no such file. */
export function segmentAt(db: Database, place: SegmentPlace): StoredSegment | undefined {
  const { cameraId, runId, sequence } = place;
  return db.get(AT, { cameraId, runId, sequence });
}

/** The segments of a camera that begin after `afterMs`, by time, at most `limit`. */
export function segmentPage(
  db: Database,
  page: { cameraId: string; afterMs: number; limit: number },
): StoredSegment[] {
  return db.all(PAGE, { ...page });
}

/** The oldest segments of a camera that are not being written, at most `limit`. */
export function oldestClosed(db: Database, cameraId: string, limit: number): StoredSegment[] {
  return db.all(CLOSED_OLDEST, { cameraId, limit });
}

/** The newest segments of a camera, at most `limit`. */
export function newestSegments(db: Database, cameraId: string, limit: number): StoredSegment[] {
  return db.all(NEWEST, { cameraId, limit });
}

/** Every camera of which there is footage, the removed ones included. */
export function camerasWithFootage(db: Database): string[] {
  return db.all(CAMERAS);
}

/** The first sequence number of a run that has no row: the only file of the run that can exist
 * without one (invariant one-stray-file). */
export function nextSequence(db: Database, runId: number): number {
  return db.get(NEXT_SEQUENCE, { runId }) ?? 0;
}

/** The segments of a run that have a row. */
export function sequencesOf(db: Database, cameraId: string, runId: number): Set<number> {
  return new Set(db.all(SEQUENCES, { cameraId, runId }));
}

function insertPart(db: Database, segmentId: number, part: Part): void {
  db.run(INSERT_PART, { ...part, segmentId, key: part.key ? 1 : 0 });
}

function readSegment(row: Row): StoredSegment {
  return {
    segmentId: row.integer('id'),
    cameraId: row.text('camera_id'),
    runId: row.integer('run_id'),
    sequence: row.integer('sequence'),
    startMs: row.instant('start_ms'),
    durationMs: row.integer('duration_ms'),
    sizeBytes: row.integer('size_bytes'),
    partTable: row.optionalBlob('parts'),
  };
}
