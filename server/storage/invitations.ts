/** Links by which people come in, as rows. How long they last is decided in auth/. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { Role } from '../contract/session.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** A link as it is stored: never its secret. */
export interface StoredInvitation {
  readonly id: string;
  /** SHA-256 of the secret. */
  readonly secretHash: Buffer;
  /** Whose password is made anew; undefined for a new person. */
  readonly userId: number | undefined;
  readonly name: string;
  readonly role: Exclude<Role, 'owner'>;
  readonly mayExport: boolean;
  readonly allCameras: boolean;
  readonly createdMs: EpochMs;
  readonly untilMs: EpochMs;
}

const COLUMNS =
  'id, secret_hash, user_id, name, role, may_export, all_cameras, created_ms, until_ms';
const INSERT = `
  INSERT INTO invitation (${COLUMNS})
  VALUES (:id, :secretHash, :userId, :name, :role, :mayExport, :allCameras, :createdMs, :untilMs)`;
const INSERT_CAMERA = `
  INSERT INTO invitation_camera (invitation_id, camera_id) VALUES (:id, :cameraId)`;
const ALL: Query<StoredInvitation> = {
  sql: `SELECT ${COLUMNS} FROM invitation ORDER BY created_ms, id`,
  read: readInvitation,
};
const BY_HASH: Query<StoredInvitation> = {
  sql: `SELECT ${COLUMNS} FROM invitation WHERE secret_hash = :secretHash`,
  read: readInvitation,
};
const CAMERAS: Query<string> = {
  sql: 'SELECT camera_id FROM invitation_camera WHERE invitation_id = :id ORDER BY camera_id',
  read: (row) => row.text('camera_id'),
};
const DELETE = 'DELETE FROM invitation WHERE id = :id';
const DELETE_OVER = 'DELETE FROM invitation WHERE until_ms <= :nowMs';
const DELETE_OF_USER = 'DELETE FROM invitation WHERE user_id = :userId';
const DELETE_OF_ROLE = 'DELETE FROM invitation WHERE role = :role';

/** Adds a link; an older one for the same person ends by it. `conflict` for a camera that is not there. */
export function insertInvitation(
  db: Database,
  { userId, mayExport, allCameras, ...rest }: StoredInvitation,
  cameraIds: readonly string[],
): void {
  const flags = { mayExport: mayExport ? 1 : 0, allCameras: allCameras ? 1 : 0 };
  db.transaction(() => {
    if (userId !== undefined) db.run(DELETE_OF_USER, { userId });
    db.run(INSERT, { ...rest, userId: userId ?? null, ...flags });
    for (const cameraId of cameraIds) db.run(INSERT_CAMERA, { id: rest.id, cameraId });
  });
}

/** All of them, oldest first, those that are over included. */
export function listInvitations(db: Database): StoredInvitation[] {
  return db.all(ALL, {});
}

/** By what is stored of its secret. */
export function invitationByHash(db: Database, secretHash: Buffer): StoredInvitation | undefined {
  return db.get(BY_HASH, { secretHash });
}

/** Of one that is not for all cameras. */
export function camerasOfInvitation(db: Database, id: string): string[] {
  return db.all(CAMERAS, { id });
}

/** It opens nothing any more; false when there was none. */
export function deleteInvitation(db: Database, id: string): boolean {
  return db.run(DELETE, { id }).changes > 0;
}

/** Forgets those that are over; answers how many. */
export function deleteInvitationsOver(db: Database, nowMs: EpochMs): number {
  return db.run(DELETE_OVER, { nowMs }).changes;
}

/** Forgets those of one role; answers how many. */
export function deleteInvitationsOfRole(db: Database, role: StoredInvitation['role']): number {
  return db.run(DELETE_OF_ROLE, { role }).changes;
}

function readInvitation(row: Row): StoredInvitation {
  const role = row.text('role');
  if (role !== 'member' && role !== 'viewer') {
    throw new AppError('internal', 'a link is for an unknown role');
  }
  return {
    id: row.text('id'),
    secretHash: row.blob('secret_hash'),
    userId: row.optionalInteger('user_id'),
    name: row.text('name'),
    role,
    mayExport: row.flag('may_export'),
    allCameras: row.flag('all_cameras'),
    createdMs: row.instant('created_ms'),
    untilMs: row.instant('until_ms'),
  };
}
