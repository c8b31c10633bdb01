/** Whether the index knows everything in the footage folder, and which ids of runs are taken there. */
import type { Database } from './database.ts';
import type { Query } from './row.ts';

const IS_PENDING: Query<boolean> = {
  sql: 'SELECT is_index_pending FROM meta WHERE id = 1',
  read: (row) => row.flag('is_index_pending'),
};
const SET_PENDING = 'UPDATE meta SET is_index_pending = :pending WHERE id = 1';
const LAST_RUN: Query<number> = {
  sql: `SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'run'`,
  read: (row) => row.integer('last'),
};
const RAISE_RUN = `UPDATE sqlite_sequence SET seq = :runId WHERE name = 'run'`;
const FIRST_RUN = `
  INSERT INTO sqlite_sequence (name, seq) SELECT 'run', :runId
  WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'run')`;

/** Whether files may lie there that the index does not know. While it is so, none of them is taken for
 * one that never counted. */
export function isIndexPending(db: Database): boolean {
  return db.get(IS_PENDING) ?? false;
}

/** Says so, until `index-rebuilder.ts` has looked at every file: for who puts an older database back. */
export function markIndexPending(db: Database): void {
  db.run(SET_PENDING, { pending: 1 });
}

/** Every file was looked at. */
export function markIndexComplete(db: Database): void {
  db.run(SET_PENDING, { pending: 0 });
}

/** The highest id that a run ever had here. */
export function lastRunId(db: Database): number {
  return db.get(LAST_RUN) ?? 0;
}

/** New runs get ids above `runId` (invariant new-run-new-folder). */
export function raiseRunIds(db: Database, runId: number): void {
  if (lastRunId(db) >= runId) return;
  db.run(RAISE_RUN, { runId });
  db.run(FIRST_RUN, { runId });
}
