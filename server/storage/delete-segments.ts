/**
 * Deletes footage that makes room, so that a stop at any moment leaves nothing that looks like damage: what is
 * to go is written down before its first file goes. Steps: docs/design/storage.md, "Retention".
 */
import { toAppError } from '../base/errors.ts';
import type { UtcDay } from '../base/time.ts';
import type { Database } from './database.ts';
import type { FootageStore } from './footage.ts';
import type { DayForgetter } from './forget-days.ts';
import type { Query } from './row.ts';
import { deleteSegment, type SegmentPlace, type StoredSegment } from './segments.ts';

/** What it works with. */
export interface DeletingDeps {
  readonly db: Database;
  readonly footage: FootageStore;
}

/** A segment with its row. */
export type DeletedSegment = SegmentPlace &
  Pick<StoredSegment, 'segmentId' | 'startMs' | 'durationMs'>;

const NOTE = 'INSERT OR IGNORE INTO deleting (segment_id) VALUES (:segmentId)';
const NOTED: Query<DeletedSegment> = {
  sql: `SELECT segment.id, camera_id, run_id, sequence, start_ms, duration_ms FROM deleting
        JOIN segment ON segment.id = deleting.segment_id ORDER BY segment.id`,
  read: (row) => ({
    ...{ segmentId: row.integer('id'), cameraId: row.text('camera_id') },
    ...{ runId: row.integer('run_id'), sequence: row.integer('sequence') },
    ...{ startMs: row.instant('start_ms'), durationMs: row.integer('duration_ms') },
  }),
};

/** Files and rows of `segments`. `withRows` runs in the commit that forgets them. Throws `io`; what is left
 * then is found by `finishDeleting`. */
export async function deleteSegments(
  { db, footage }: DeletingDeps,
  segments: readonly DeletedSegment[],
  withRows: () => void = () => undefined,
): Promise<void> {
  noteDeleting(db, segments);
  // retention 2: headers and files, durably.
  await footage.deleteAll(segments);
  // retention 3: their rows, and what spoke of them.
  db.transaction(() => {
    for (const { segmentId } of segments) deleteSegment(db, segmentId);
    withRows();
  });
  // retention 4: folders that are empty now.
  const runs = new Map(segments.map(({ cameraId, runId }) => [runId, cameraId]));
  for (const [runId, cameraId] of runs) await footage.removeRunFolder(cameraId, runId);
}

/** retention 1: what is to go. On a disk so full that not even this can be written, files go first: that
 * makes the room, and a stop in between is then what it was before there was a note. */
function noteDeleting(db: Database, segments: readonly DeletedSegment[]): void {
  try {
    db.transaction(() => {
      for (const { segmentId } of segments) db.run(NOTE, { segmentId });
    });
  } catch (thrown) {
    if (toAppError(thrown).reason !== 'disk-full') throw thrown;
  }
}

/** Segments whose deletion has begun: their files may be gone already. */
export function segmentsBeingDeleted(db: Database): DeletedSegment[] {
  return db.all(NOTED);
}

/** start-up 2: what a stop, or a disk that refused, left half deleted. Answers how many. */
export async function finishDeleting(deps: DeletingDeps, days: DayForgetter): Promise<number> {
  const left = segmentsBeingDeleted(deps.db);
  if (left.length === 0) return 0;
  let forgotten: readonly UtcDay[] = [];
  await deleteSegments(deps, left, () => {
    forgotten = days.deleteKeys(left);
  });
  days.finish(forgotten);
  return left.length;
}
