/** Accounts. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { Role } from '../contract/session.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** An account as it is stored. */
export interface StoredUser {
  readonly id: number;
  /** As typed, after NFC. */
  readonly username: string;
  readonly role: Role;
  /** argon2id, PHC string format. */
  readonly passwordHash: string;
  readonly createdMs: EpochMs;
  readonly mayExport: boolean;
  /** Every camera, those to come included; else those of `camerasOfUser`. */
  readonly allCameras: boolean;
}

/** An account to be. Left out: all that the role may do. */
export type NewUser = Omit<StoredUser, 'id' | 'mayExport' | 'allCameras'> &
  Partial<Pick<StoredUser, 'id' | 'mayExport' | 'allCameras'>>;

/** What a person may do, and where. */
export interface UserRights {
  readonly role: Role;
  readonly mayExport: boolean;
  /** Undefined: all of them. */
  readonly cameraIds: readonly string[] | undefined;
}

const COLUMNS = 'id, username, role, password_hash, created_ms, may_export, all_cameras';
const INSERT = `
  INSERT INTO user (${COLUMNS})
  VALUES (:id, :username, :role, :passwordHash, :createdMs, :mayExport, :allCameras)`;
const ALL: Query<StoredUser> = {
  sql: `SELECT ${COLUMNS} FROM user ORDER BY id`,
  read: readUser,
};
const NEXT_ID: Query<number> = {
  sql: `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'user'), 0) + 1 AS next`,
  read: (row) => row.integer('next'),
};
const CAMERAS: Query<string> = {
  sql: 'SELECT camera_id FROM user_camera WHERE user_id = :id ORDER BY camera_id',
  read: (row) => row.text('camera_id'),
};
const UPDATE_RIGHTS = `
  UPDATE user SET role = :role, may_export = :mayExport, all_cameras = :allCameras WHERE id = :id`;
const DELETE_CAMERAS = 'DELETE FROM user_camera WHERE user_id = :id';
const INSERT_CAMERA = 'INSERT INTO user_camera (user_id, camera_id) VALUES (:id, :cameraId)';
const GIVE_EXPORTS = 'UPDATE export SET user_id = :heirId WHERE user_id = :id';
const GIVE_RANGES = 'UPDATE protected_range SET user_id = :heirId WHERE user_id = :id';
const DELETE = 'DELETE FROM user WHERE id = :id';
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
export function insertFirstUser(db: Database, user: NewUser): number {
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
export function insertUser(db: Database, user: NewUser): number {
  const { id = null, mayExport = user.role !== 'viewer', allCameras = true, ...rest } = user;
  const flags = { mayExport: mayExport ? 1 : 0, allCameras: allCameras ? 1 : 0 };
  // null: the next one.
  return db.run(INSERT, { ...rest, id, ...flags }).lastId;
}

/** Everybody, who came first first. */
export function listUsers(db: Database): StoredUser[] {
  return db.all(ALL, {});
}

/** The id that the next account will have: no other is made meanwhile by whoever asks. */
export function nextUserId(db: Database): number {
  return db.get(NEXT_ID) ?? 1;
}

/** Of somebody who does not see all cameras. */
export function camerasOfUser(db: Database, id: number): string[] {
  return db.all(CAMERAS, { id });
}

/** Replaces what a person may do; `not-found`. `conflict` for a camera that is not there. */
export function updateUserRights(db: Database, id: number, rights: UserRights): void {
  const { role, mayExport, cameraIds } = rights;
  const flags = { mayExport: mayExport ? 1 : 0, allCameras: cameraIds === undefined ? 1 : 0 };
  db.transaction(() => {
    if (db.run(UPDATE_RIGHTS, { id, role, ...flags }).changes === 0) throw noAccount();
    db.run(DELETE_CAMERAS, { id });
    for (const cameraId of cameraIds ?? []) db.run(INSERT_CAMERA, { id, cameraId });
  });
}

/** Removes a person with their sessions and links. Copies and protected ranges that they made are from
 * now on another's: they are there whoever asked for them. */
export function deleteUser(db: Database, id: number, heirId: number): void {
  db.transaction(() => {
    db.run(GIVE_EXPORTS, { id, heirId });
    db.run(GIVE_RANGES, { id, heirId });
    if (db.run(DELETE, { id }).changes === 0) throw noAccount();
  });
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
    throw noAccount();
  }
}

function noAccount(): AppError {
  return new AppError('not-found', 'There is no such account.');
}

const ROLES = ['owner', 'member', 'viewer'] as const satisfies readonly Role[];

function readUser(row: Row): StoredUser {
  const role = ROLES.find((known) => known === row.text('role'));
  if (role === undefined) throw new AppError('internal', 'an account has an unknown role');
  return {
    id: row.integer('id'),
    username: row.text('username'),
    role,
    passwordHash: row.text('password_hash'),
    createdMs: row.instant('created_ms'),
    mayExport: row.flag('may_export'),
    allCameras: row.flag('all_cameras'),
  };
}
