/** Ranges that no rule deletes, as rows, and as spans of time. What a span touches stays whole. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import { PROTECTED_MAX_RANGES } from '../contract/protected.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** A range as it is stored. */
export interface StoredRange {
  readonly id: string;
  readonly cameraId: string;
  readonly fromMs: EpochMs;
  /** Not included. */
  readonly toMs: EpochMs;
  readonly createdMs: EpochMs;
  readonly userId: number;
}

/** A stretch of time; the end is not included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const COLUMNS = 'id, camera_id, from_ms, to_ms, created_ms, user_id';
const INSERT = `
  INSERT INTO protected_range (${COLUMNS})
  VALUES (:id, :cameraId, :fromMs, :toMs, :createdMs, :userId)`;
const COUNT: Query<number> = {
  sql: 'SELECT count(*) AS ranges FROM protected_range',
  read: (row) => row.integer('ranges'),
};
const OF_CAMERA: Query<StoredRange> = {
  sql: `SELECT ${COLUMNS} FROM protected_range WHERE camera_id = :cameraId ORDER BY from_ms, id`,
  read: readRange,
};
const BY_ID: Query<StoredRange> = {
  sql: `SELECT ${COLUMNS} FROM protected_range WHERE id = :id`,
  read: readRange,
};
const DELETE = 'DELETE FROM protected_range WHERE id = :id';
const DELETE_OF_CAMERA = 'DELETE FROM protected_range WHERE camera_id = :cameraId';

/** Adds one; `exhausted` when there are as many as there may be. */
export function insertProtectedRange(db: Database, range: StoredRange): void {
  db.transaction(() => {
    if ((db.get(COUNT) ?? 0) >= PROTECTED_MAX_RANGES) {
      throw new AppError('exhausted', 'There are 1,000 protected ranges already.', {
        hint: 'End the protection of some of them first.',
      });
    }
    db.run(INSERT, { ...range });
  });
}

/** Those of a camera, by time. */
export function protectedRanges(db: Database, cameraId: string): StoredRange[] {
  return db.all(OF_CAMERA, { cameraId });
}

/** One of them; undefined when there is none. */
export function protectedRangeById(db: Database, id: string): StoredRange | undefined {
  return db.get(BY_ID, { id });
}

/** Ends the protection; answers whether there was one. Nothing is deleted by that. */
export function deleteProtectedRange(db: Database, id: string): boolean {
  return db.run(DELETE, { id }).changes > 0;
}

/** delete 4: a removed camera has nothing left to protect; answers how many there were. */
export function deleteProtectedRanges(db: Database, cameraId: string): number {
  return db.run(DELETE_OF_CAMERA, { cameraId }).changes;
}

/** What is protected of a camera, as few spans as possible, by time. */
export function protectedSpans(db: Database, cameraId: string): Span[] {
  return mergeSpans(protectedRanges(db, cameraId));
}

/** Joins what overlaps or touches. Pure; `ranges` come by their beginning. */
export function mergeSpans(ranges: readonly Span[]): Span[] {
  const spans: Span[] = [];
  for (const { fromMs, toMs } of ranges) {
    const last = spans.at(-1);
    if (last === undefined || fromMs > last.toMs) spans.push({ fromMs, toMs });
    else spans[spans.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) };
  }
  return spans;
}

/** What lies between spans, and before and behind them. Pure. */
export function freeSpans(spans: readonly Span[]): Span[] {
  const edges = [...spans, { fromMs: Infinity, toMs: Infinity }];
  return edges
    .map(({ fromMs }, index) => ({ fromMs: spans[index - 1]?.toMs ?? -Infinity, toMs: fromMs }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}

/** Whether one of the spans touches [fromMs, toMs). Pure. */
export function isTouched(spans: readonly Span[], { fromMs, toMs }: Span): boolean {
  return spans.some((span) => span.fromMs < toMs && span.toMs > fromMs);
}

function readRange(row: Row): StoredRange {
  return {
    id: row.text('id'),
    cameraId: row.text('camera_id'),
    fromMs: row.instant('from_ms'),
    toMs: row.instant('to_ms'),
    createdMs: row.instant('created_ms'),
    userId: row.integer('user_id'),
  };
}
