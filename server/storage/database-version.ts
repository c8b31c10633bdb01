/** Which version a database has, for who must not open it: beside a running server, of any version. */
import { existsSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { AppError } from '../base/errors.ts';
import { sqlError } from './sql-error.ts';

/** As the schema has it, since its first version. */
const SELECT_VERSION = 'SELECT schema_version FROM meta WHERE id = 1';

/** Undefined where there is no file. Throws `corrupt` for what is no database of Doorkeep's, `io`. */
export function databaseVersion(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  let connection: SQLite.Database | undefined;
  try {
    connection = new SQLite(path, { readonly: true, fileMustExist: true });
    const version: unknown = connection.prepare(SELECT_VERSION).pluck().get();
    if (typeof version === 'number') return version;
  } catch (thrown) {
    throw sqlError(thrown);
  } finally {
    connection?.close();
  }
  throw new AppError('corrupt', 'doorkeep.db does not say which version it is');
}
