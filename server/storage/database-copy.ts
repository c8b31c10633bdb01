/**
 * A copy of the database that goes into a backup, and one that came out of it: what is left out, what is
 * looked at before it is trusted. Such a copy is one file without a log.
 */
import { open } from 'node:fs/promises';
import SQLite from 'better-sqlite3';
import { AppError } from '../base/errors.ts';
import { insertTakenBackup, type TakenBackup } from './backups-taken.ts';
import { Database } from './database.ts';
import { fileError } from './file-error.ts';
import { markRestored } from './restored-footage.ts';
import { sqlError } from './sql-error.ts';

/** Who is signed in and what was tried on it, because that is for this box alone; and exports, whose files
 * are not in a backup and of which none may be made without a person asking for it. */
const LEFT_OUT = ['DELETE FROM session', 'DELETE FROM first_step', 'DELETE FROM export'];

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

/** How many steps of a copy may lie in the memory of the system, unwritten: 16 MiB. */
const STEPS_UNSYNCED = 32;

/** So long a turn gives way where the disk is slower than the copying: as long as a step takes. */
const GIVE_WAY_MS = 2;

/** What nobody ever wakes. */
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Copies the database as it is now into the empty file at `path`. SQLite syncs the copy where it ends, on
 * the event loop, and would stand there until the disk has hundreds of megabytes. So what is copied
 * is synced all the while, by another thread, and the copying waits for that.
 */
export async function copyOfMoment(db: Database, path: string, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'r+');
  let steps = 0;
  let syncing: Promise<void> | undefined;
  let failure: unknown;
  const sync = (): void => {
    steps = 0;
    syncing = file
      .datasync()
      .catch((thrown: unknown) => {
        failure = thrown;
      })
      .finally(() => {
        syncing = undefined;
      });
  };
  const between = (): boolean => {
    signal.throwIfAborted();
    if (failure !== undefined) throw fileError(failure);
    if (steps >= STEPS_UNSYNCED && syncing !== undefined) {
      // SQLite's own loop begins the next turn at once: without this it would spin until the disk is done.
      Atomics.wait(never, 0, 0, GIVE_WAY_MS);
      return false;
    }
    if (steps >= STEPS_UNSYNCED / 2 && syncing === undefined) sync();
    steps += 1;
    return true;
  };
  try {
    await db.snapshot(() => db.copyInto(path, between));
    await syncing;
    await file.datasync();
  } finally {
    await syncing;
    await file.close();
  }
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
