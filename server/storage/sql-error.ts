/** SQLite's errors in our terms; the one place that knows its result codes. */
import SQLite from 'better-sqlite3';
import { AppError, toAppError } from '../base/errors.ts';

/** Whether SQLite found its file damaged. */
export function saysDamaged(thrown: unknown): boolean {
  if (!(thrown instanceof SQLite.SqliteError)) return false;
  return thrown.code.startsWith('SQLITE_CORRUPT') || thrown.code === 'SQLITE_NOTADB';
}

/**
 * What SQLite threw as an AppError: `conflict` for a constraint, `corrupt` for a broken file, `io`
 * for the rest (reason `disk-full` when that is why). What is not SQLite's is a defect (`internal`)
 * unless it is an AppError already.
 */
export function sqlError(thrown: unknown): AppError {
  if (!(thrown instanceof SQLite.SqliteError)) return toAppError(thrown);
  const { code } = thrown;
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new AppError('conflict', 'The database refused a row that breaks a rule.', {
      cause: thrown,
    });
  }
  if (saysDamaged(thrown)) {
    return new AppError('corrupt', 'the database file doorkeep.db is damaged', {
      cause: thrown,
      hint:
        'The footage itself lies in other files and is not touched by this. Start Doorkeep again: it ' +
        'sets the file aside and records on. Check the disk.',
    });
  }
  if (code === 'SQLITE_FULL') {
    return new AppError('io', 'the disk has no room for the database', {
      cause: thrown,
      reason: 'disk-full',
      hint: 'Free some space on the disk that holds the data folder.',
    });
  }
  return new AppError('io', 'the database could not be read or written', {
    cause: thrown,
    reason: 'write-failed',
    hint: 'Check that the disk works and that Doorkeep may write to its data folder.',
  });
}
