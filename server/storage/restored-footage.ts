/**
 * An index that came out of a backup: it may be older than the footage beside it. Of runs up to the
 * boundary, files may hold more than their rows say, and files without a row may be all there is.
 * docs/design/backup.md, "After it".
 */
import { AppError } from '../base/errors.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

const BOUNDARY: Query<number | undefined> = {
  sql: 'SELECT restored_run_id FROM meta WHERE id = 1',
  read: (row) => row.optionalInteger('restored_run_id'),
};
const SET_BOUNDARY = 'UPDATE meta SET restored_run_id = :runId WHERE id = 1';
const HIGHEST_RUN: Query<number> = {
  sql: `SELECT max((SELECT coalesce(max(id), 0) FROM run),
                   coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), 0)) AS id`,
  read: (row) => row.integer('id'),
};
const FORGET_SEQUENCE = `DELETE FROM sqlite_sequence WHERE name = 'run'`;
const SET_SEQUENCE = `INSERT INTO sqlite_sequence (name, seq) VALUES ('run', :runId)`;

/** Ids have 15 digits in file names; the milliseconds of this century have 13. */
const RUN_ID_MAX = 10 ** 15 - 1;

/** Runs up to this id are from before the database was put back; undefined where it never was, or where
 * the index was made again from the files since. */
export function restoredRunId(db: Database): number | undefined {
  return db.get(BOUNDARY);
}

/** Whether there may be more footage of this run than the index knows. */
export function isFromBackup(db: Database, runId: number): boolean {
  const boundary = restoredRunId(db);
  return boundary !== undefined && runId <= boundary;
}

/** From here on new runs have ids above `atLeast` and above every one that the database ever gave. */
export function markRestored(db: Database, atLeast: number): void {
  db.transaction(() => {
    const runId = Math.max(db.get(HIGHEST_RUN) ?? 0, Math.ceil(atLeast));
    if (!Number.isSafeInteger(runId) || runId >= RUN_ID_MAX) {
      throw new AppError('unprocessable', 'This backup names runs that no box has made.', {
        reason: 'backup-content',
        hint: 'Use another backup.',
      });
    }
    db.run(FORGET_SEQUENCE);
    db.run(SET_SEQUENCE, { runId });
    db.run(SET_BOUNDARY, { runId });
  });
}

/** The index was made again from the files: it is as new as they are. */
export function forgetRestored(db: Database): void {
  db.run(SET_BOUNDARY, { runId: null });
}
