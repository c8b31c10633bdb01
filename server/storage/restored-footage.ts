/**
 * An index that came out of a backup: it may be older than the footage beside it. Of runs up to the
 * boundary, files may hold more than their rows say, and files without a row may be all there is.
 * docs/design/backup.md, "After it".
 */
import { AppError } from '../base/errors.ts';
import { listCameras } from './cameras.ts';
import type { Database } from './database.ts';
import type { FootageListing } from './footage-listing.ts';
import { markIndexPending, raiseRunIds } from './index-state.ts';
import type { Query } from './row.ts';
import { anchorOf } from './runs.ts';

const BOUNDARY: Query<number | undefined> = {
  sql: 'SELECT restored_run_id FROM meta WHERE id = 1',
  read: (row) => row.optionalInteger('restored_run_id'),
};
const SET_BOUNDARY = `
  UPDATE meta SET restored_run_id = :runId, footage_marked = 0 WHERE id = 1`;
const HIGHEST_RUN: Query<number> = {
  sql: `SELECT max((SELECT coalesce(max(id), 0) FROM run),
                   coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), 0)) AS id`,
  read: (row) => row.integer('id'),
};

/** Ids have 15 digits in file names; the milliseconds of this century have 13. */
const RUN_ID_MAX = 10 ** 15 - 1;

/** Runs up to this id are from before the database was put back; undefined where it never was. */
export function restoredRunId(db: Database): number | undefined {
  return db.get(BOUNDARY);
}

/** Whether there may be more footage of this run than the index knows. */
export function isFromBackup(db: Database, runId: number): boolean {
  const boundary = restoredRunId(db);
  return boundary !== undefined && runId <= boundary;
}

/** The index is to be made again, the folders of footage are another disk's, and from here on new runs
 * have ids above `atLeast` and above every one that the database ever gave. */
export function markRestored(db: Database, atLeast: number): void {
  db.transaction(() => {
    const runId = Math.max(db.get(HIGHEST_RUN) ?? 0, Math.ceil(atLeast));
    if (!Number.isSafeInteger(runId) || runId >= RUN_ID_MAX) {
      throw new AppError('unprocessable', 'This backup names runs that no box has made.', {
        reason: 'backup-content',
        hint: 'Use another backup.',
      });
    }
    raiseRunIds(db, runId);
    db.run(SET_BOUNDARY, { runId });
    markIndexPending(db);
  });
}

/** Whether footage of before the restore lies there that no row knows: it was copied here after the index
 * was made again. Folders are listed, no file is looked at. */
export async function footageCameLater(
  db: Database,
  listing: Pick<FootageListing, 'runs'>,
): Promise<boolean> {
  const boundary = restoredRunId(db);
  if (boundary === undefined) return false;
  for (const { id } of listCameras(db)) {
    for (const runId of await listing.runs(id)) {
      if (runId <= boundary && anchorOf(db, runId) === undefined) return true;
    }
  }
  return false;
}
