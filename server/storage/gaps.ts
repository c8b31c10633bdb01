/** Gaps: time without footage, and why. At most one per camera is open. */
import type { EpochMs } from '../base/time.ts';
import { GAP_REASONS, type GapReason } from '../contract/recording.ts';
import { AppError } from '../base/errors.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** Shorter breaks are the seam between two connections, not something a person misses; ranges that
 * lie closer together are shown as one. Three frames at 15 fps. */
export const SHORTEST_GAP_MS = 200;

/** A stretch without footage; `toMs` is undefined while it goes on. */
export interface StoredGap {
  readonly cameraId: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs | undefined;
  readonly reason: GapReason;
}

const COLUMNS = 'camera_id, from_ms, to_ms, reason';
const INSERT = `
  INSERT INTO gap (${COLUMNS}) VALUES (:cameraId, :fromMs, :toMs, :reason)`;
const OPEN_OF: Query<StoredGap> = {
  sql: `SELECT ${COLUMNS} FROM gap WHERE camera_id = :cameraId AND to_ms IS NULL`,
  read: readGap,
};
const CLOSE = 'UPDATE gap SET to_ms = :toMs WHERE camera_id = :cameraId AND to_ms IS NULL';
const RENAME = 'UPDATE gap SET reason = :reason WHERE camera_id = :cameraId AND to_ms IS NULL';
const DELETE_OPEN = 'DELETE FROM gap WHERE camera_id = :cameraId AND to_ms IS NULL';
const CUT_AT = `
  UPDATE gap SET to_ms = :atMs
  WHERE camera_id = :cameraId AND from_ms < :atMs AND to_ms > :atMs`;
const DELETE_FROM = `
  DELETE FROM gap WHERE camera_id = :cameraId AND from_ms >= :atMs AND to_ms IS NOT NULL`;
const DELETE_BEFORE = `
  DELETE FROM gap WHERE camera_id = :cameraId AND to_ms IS NOT NULL AND to_ms <= :atMs`;
const DELETE_ONE = `
  DELETE FROM gap WHERE camera_id = :cameraId AND from_ms = :fromMs AND to_ms IS :toMs`;
const BETWEEN: Query<StoredGap> = {
  sql: `SELECT ${COLUMNS} FROM gap
        WHERE camera_id = :cameraId AND from_ms < :toMs AND (to_ms IS NULL OR to_ms > :fromMs)
        ORDER BY from_ms`,
  read: readGap,
};

/** The open gap of a camera, if it is not recording. */
export function openGapOf(db: Database, cameraId: string): StoredGap | undefined {
  return db.get(OPEN_OF, { cameraId });
}

/** Adds a gap, open or closed. A closed one that is too short to count is left out. */
export function insertGap(db: Database, gap: StoredGap): void {
  if (gap.toMs !== undefined && gap.toMs - gap.fromMs < SHORTEST_GAP_MS) return;
  db.run(INSERT, { ...gap, toMs: gap.toMs ?? null });
}

/** Ends the open gap, if there is one; one that is too short to count is deleted. */
export function closeGap(db: Database, cameraId: string, toMs: EpochMs): void {
  const open = openGapOf(db, cameraId);
  if (open === undefined) return;
  if (toMs - open.fromMs < SHORTEST_GAP_MS) db.run(DELETE_OPEN, { cameraId });
  else db.run(CLOSE, { cameraId, toMs });
}

/** Where footage turns out to begin before a gap that is over ended: no gap covers footage (invariant
 * gap-without-footage). Gaps are split by the clock, footage is labelled by media time. */
export function cutGapsAt(db: Database, cameraId: string, atMs: EpochMs): void {
  db.run(CUT_AT, { cameraId, atMs });
  db.run(DELETE_FROM, { cameraId, atMs });
}

/** Footage turned out to lie in [fromMs, toMs): no gap covers it any more; what is left of one on
 * either side stays (invariant gap-without-footage). */
export function carveGaps(
  db: Database,
  stretch: { cameraId: string; fromMs: EpochMs; toMs: EpochMs },
): void {
  for (const gap of gapsBetween(db, stretch)) {
    const { cameraId, fromMs, toMs } = gap;
    db.run(DELETE_ONE, { cameraId, fromMs, toMs: toMs ?? null });
    if (fromMs < stretch.fromMs) insertGap(db, { ...gap, toMs: stretch.fromMs });
    if (toMs === undefined || toMs > stretch.toMs) insertGap(db, { ...gap, fromMs: stretch.toMs });
  }
}

/** What of [fromMs, toMs) no gap covers becomes one. */
export function fillGaps(
  db: Database,
  stretch: { cameraId: string; fromMs: EpochMs; toMs: EpochMs },
  reason: GapReason,
): void {
  const { cameraId, toMs } = stretch;
  let atMs = stretch.fromMs;
  for (const gap of gapsBetween(db, stretch)) {
    if (gap.fromMs > atMs) insertGap(db, { cameraId, fromMs: atMs, toMs: gap.fromMs, reason });
    if (gap.toMs === undefined) return;
    if (gap.toMs > atMs) atMs = gap.toMs;
  }
  if (toMs > atMs) insertGap(db, { cameraId, fromMs: atMs, toMs, reason });
}

/** Forgets the gaps before the oldest footage: there is nothing left that they interrupt. */
export function deleteGapsBefore(db: Database, cameraId: string, atMs: EpochMs): void {
  db.run(DELETE_BEFORE, { cameraId, atMs });
}

/** Gives the open gap another reason, if there is one. */
export function renameGap(db: Database, cameraId: string, reason: GapReason): void {
  db.run(RENAME, { cameraId, reason });
}

/** The gaps that touch [fromMs, toMs), by time, the open one included. */
export function gapsBetween(
  db: Database,
  query: { cameraId: string; fromMs: EpochMs; toMs: EpochMs },
): StoredGap[] {
  return db.all(BETWEEN, { ...query });
}

function readGap(row: Row): StoredGap {
  const stored = row.text('reason');
  const reason = GAP_REASONS.find((known) => known === stored);
  if (reason === undefined) throw new AppError('internal', 'a gap has an unknown reason');
  return {
    cameraId: row.text('camera_id'),
    fromMs: row.instant('from_ms'),
    toMs: row.optionalInstant('to_ms'),
    reason,
  };
}
