/**
 * A copy of the database that goes into a backup, and one that came out of it: what is left out, what is
 * looked at before it is trusted. Such a copy is one file without a log.
 */
import SQLite from 'better-sqlite3';
import { AppError } from '../base/errors.ts';
import { insertTakenBackup, type TakenBackup } from './backups-taken.ts';
import { Database } from './database.ts';
import { markRestored } from './restored-footage.ts';
import { sqlError } from './sql-error.ts';

/** Who is signed in, because that is for this box alone; and exports, whose files are not in a backup and
 * of which none may be made without a person asking for it. */
const LEFT_OUT = ['DELETE FROM session', 'DELETE FROM export'];

/** Ours has tables and indexes; anything else in it would run with our rights. */
const FOREIGN_PARTS = `
  SELECT count(*) AS count FROM sqlite_schema
  WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'`;

/** What is known of a backup when it is put back. */
export interface Restored {
  readonly boxId: string;
  /** New runs have higher ids than this. */
  readonly runIdsAbove: number;
  /** The backup itself, which the list of a later one names. */
  readonly backup: TakenBackup;
}

/** Makes of a fresh copy what a backup holds. */
export function leaveOutOfCopy(path: string): void {
  onCopy(path, (connection) => {
    // Nothing of it is spilled into a folder for temporary files.
    connection.pragma('temp_store = MEMORY');
    connection.pragma('secure_delete = ON');
    connection.pragma('journal_mode = DELETE');
    connection.transaction(() => {
      for (const sql of LEFT_OUT) connection.exec(sql);
    })();
  });
}

/**
 * Makes of a database out of a backup the one that a start opens. Throws `unprocessable` for one that SQLite
 * finds damaged or that is not of this backup, `conflict` for a newer version's.
 */
export function prepareRestored(path: string, restored: Restored): void {
  onCopy(path, (connection) => {
    connection.pragma('trusted_schema = OFF');
    const [complaint] = connection.pragma('integrity_check(1)') as { integrity_check: string }[];
    const broken = connection.pragma('foreign_key_check') as unknown[];
    const foreign = connection.prepare(FOREIGN_PARTS).pluck().get();
    if (complaint?.integrity_check !== 'ok' || broken.length > 0 || foreign !== 0) {
      throw damagedCopy();
    }
  });
  const db = Database.open(path);
  try {
    if (db.boxId !== restored.boxId) throw damagedCopy();
    db.transaction(() => {
      markRestored(db, restored.runIdsAbove);
      insertTakenBackup(db, restored.backup);
    });
    db.markStoppedCleanly();
  } finally {
    db.close();
  }
}

function onCopy(path: string, work: (connection: SQLite.Database) => void): void {
  let connection: SQLite.Database | undefined;
  try {
    connection = new SQLite(path, { fileMustExist: true });
    work(connection);
  } catch (thrown) {
    const error = sqlError(thrown);
    throw error.kind === 'corrupt' ? damagedCopy(error) : error;
  } finally {
    connection?.close();
  }
}

function damagedCopy(cause?: unknown): AppError {
  return new AppError('unprocessable', 'The index in this backup is damaged.', {
    reason: 'backup-content',
    hint: 'Use another backup.',
    ...(cause === undefined ? {} : { cause }),
  });
}
