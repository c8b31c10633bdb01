/** Accounts. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** An account as it is stored. */
export interface StoredUser {
  readonly id: number;
  /** As typed, after NFC. */
  readonly username: string;
  readonly role: 'owner';
  /** argon2id, PHC string format. */
  readonly passwordHash: string;
  readonly createdMs: EpochMs;
}

const COLUMNS = 'id, username, role, password_hash, created_ms';
const INSERT = `
  INSERT INTO user (id, username, role, password_hash, created_ms)
  VALUES (:id, :username, :role, :passwordHash, :createdMs)`;
const BY_NAME: Query<StoredUser> = {
  sql: `SELECT ${COLUMNS} FROM user WHERE username = :username`,
  read: readUser,
};
const BY_ID: Query<StoredUser> = {
  sql: `SELECT ${COLUMNS} FROM user WHERE id = :id`,
  read: readUser,
};
const ANY: Query<boolean> = {
  sql: 'SELECT EXISTS (SELECT 1 FROM user) AS has_users',
  read: (row) => row.flag('has_users'),
};
const UPDATE_HASH = 'UPDATE user SET password_hash = :passwordHash WHERE id = :id';

/** Adds the first account under the id for which its keys were made; `conflict` (reason `set-up-done`) when there is one already. */
export function insertFirstUser(db: Database, user: StoredUser): number {
  return db.transaction(() => {
    if (hasUsers(db)) {
      throw new AppError('conflict', 'Doorkeep has been set up already.', {
        reason: 'set-up-done',
        hint: 'Sign in with the account that was made then.',
      });
    }
    return insertUser(db, user);
  });
}

/** Adds an account and answers with its id; `conflict` when the name is taken. */
export function insertUser(db: Database, user: Omit<StoredUser, 'id'> & { id?: number }): number {
  // null: the next one.
  return db.run(INSERT, { ...user, id: user.id ?? null }).lastId;
}

/** By name, without regard to the case of ASCII letters. */
export function userByName(db: Database, username: string): StoredUser | undefined {
  return db.get(BY_NAME, { username });
}

/** By id. */
export function userById(db: Database, id: number): StoredUser | undefined {
  return db.get(BY_ID, { id });
}

/** False until set-up is done. */
export function hasUsers(db: Database): boolean {
  return db.get(ANY) ?? false;
}

/** Replaces the password; `not-found`. */
export function updatePasswordHash(db: Database, id: number, passwordHash: string): void {
  if (db.run(UPDATE_HASH, { id, passwordHash }).changes === 0) {
    throw new AppError('not-found', 'There is no such account.');
  }
}

function readUser(row: Row): StoredUser {
  const role = row.text('role');
  if (role !== 'owner') throw new AppError('internal', 'an account has an unknown role');
  return {
    id: row.integer('id'),
    username: row.text('username'),
    role,
    passwordHash: row.text('password_hash'),
    createdMs: row.instant('created_ms'),
  };
}
