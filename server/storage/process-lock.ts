/** A lock that one process holds and that dies with it, however it dies. */
import SQLite from 'better-sqlite3';
import { AppError } from '../base/errors.ts';
import { sqlError } from './sql-error.ts';

/**
 * Takes the lock and answers with its release, or undefined when another process has it. It is
 * the operating system's lock on the file at `path` (fcntl), reached through SQLite because Node.js
 * has no call for it: `BEGIN EXCLUSIVE` on an empty database takes it and writes nothing.
 *
 * A file with a process id in it would have to guess: after a power cut the number can belong to
 * another program, and two containers that share a volume both are process 1.
 */
export function takeProcessLock(path: string): (() => void) | undefined {
  let connection: SQLite.Database | undefined;
  try {
    connection = new SQLite(path, { timeout: 0 });
    connection.exec('BEGIN EXCLUSIVE');
    const held = connection;
    return () => {
      held.close();
    };
  } catch (thrown) {
    connection?.close();
    if (thrown instanceof SQLite.SqliteError && thrown.code.startsWith('SQLITE_BUSY')) {
      return undefined;
    }
    throw new AppError('io', 'the data folder cannot be locked', {
      cause: sqlError(thrown),
      hint: 'Use a disk of this machine: some network shares do not support locks on files.',
    });
  }
}
