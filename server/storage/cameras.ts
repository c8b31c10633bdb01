/** Camera rows. What is in the source is the camera folder's business: here it is text. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query, Row, SqlParams } from './row.ts';

/** A camera as the household set it up. */
export interface StoredCamera {
  readonly id: string;
  readonly name: string;
  /** JSON without credentials. */
  readonly sourceJson: string;
  /** Sealed under the box key; undefined when the camera wants none. */
  readonly sealedCredentials: Buffer | undefined;
  readonly sound: boolean;
  readonly enabled: boolean;
  readonly position: number;
  readonly createdMs: EpochMs;
}

const COLUMNS = 'id, name, source_json, sealed_credentials, sound, enabled, position, created_ms';
const LIST: Query<StoredCamera> = {
  sql: `SELECT ${COLUMNS} FROM camera WHERE removed_ms IS NULL ORDER BY position, id`,
  read: readCamera,
};
const BY_ID: Query<StoredCamera> = {
  sql: `SELECT ${COLUMNS} FROM camera WHERE id = :id AND removed_ms IS NULL`,
  read: readCamera,
};
const INSERT = `
  INSERT INTO camera (${COLUMNS})
  VALUES (:id, :name, :sourceJson, :sealedCredentials, :sound, :enabled, :position, :createdMs)`;
const UPDATE = `
  UPDATE camera SET name = :name, source_json = :sourceJson,
    sealed_credentials = :sealedCredentials, sound = :sound, enabled = :enabled,
    position = :position
  WHERE id = :id AND removed_ms IS NULL`;
const NEXT_POSITION: Query<number> = {
  sql: 'SELECT coalesce(max(position) + 1, 0) AS next FROM camera WHERE removed_ms IS NULL',
  read: (row) => row.integer('next'),
};
const REMOVE = `
  UPDATE camera SET removed_ms = :nowMs, sealed_credentials = NULL, source_json = '{}'
  WHERE id = :id AND removed_ms IS NULL`;
const REMOVED: Query<string> = {
  sql: 'SELECT id FROM camera WHERE removed_ms IS NOT NULL ORDER BY removed_ms',
  read: (row) => row.text('id'),
};
const DELETE_REMOVED = 'DELETE FROM camera WHERE id = :id AND removed_ms IS NOT NULL';

/** Adds a camera; `conflict` when the id is taken. */
export function insertCamera(db: Database, camera: StoredCamera): void {
  db.run(INSERT, { ...changeable(camera), createdMs: camera.createdMs });
}

/** The cameras that are there, by position. */
export function listCameras(db: Database): StoredCamera[] {
  return db.all(LIST);
}

/** One camera; undefined when there is none, or it was removed. */
export function cameraById(db: Database, id: string): StoredCamera | undefined {
  return db.get(BY_ID, { id });
}

/** Replaces everything but the id and the time of creation; `not-found`. */
export function updateCamera(db: Database, camera: StoredCamera): void {
  if (db.run(UPDATE, changeable(camera)).changes === 0) throw noCamera();
}

/** The place after the last one. */
export function nextCameraPosition(db: Database): number {
  return db.get(NEXT_POSITION) ?? 0;
}

/** Hides a camera and wipes how to reach it; forget.ts deletes its footage. `not-found`. */
export function removeCamera(db: Database, id: string, nowMs: EpochMs): void {
  if (db.run(REMOVE, { id, nowMs }).changes === 0) throw noCamera();
}

/** Removed cameras whose footage is not all deleted yet, the first removed first. */
export function removedCameraIds(db: Database): string[] {
  return db.all(REMOVED);
}

/** The last step of forgetting: nothing refers to the camera any more. */
export function deleteRemovedCamera(db: Database, id: string): void {
  db.run(DELETE_REMOVED, { id });
}

function changeable(camera: StoredCamera): SqlParams {
  return {
    id: camera.id,
    name: camera.name,
    sourceJson: camera.sourceJson,
    sealedCredentials: camera.sealedCredentials ?? null,
    sound: camera.sound ? 1 : 0,
    enabled: camera.enabled ? 1 : 0,
    position: camera.position,
  };
}

function readCamera(row: Row): StoredCamera {
  return {
    id: row.text('id'),
    name: row.text('name'),
    sourceJson: row.text('source_json'),
    sealedCredentials: row.optionalBlob('sealed_credentials'),
    sound: row.flag('sound'),
    enabled: row.flag('enabled'),
    position: row.integer('position'),
    createdMs: row.instant('created_ms'),
  };
}

function noCamera(): AppError {
  return new AppError('not-found', 'There is no such camera.');
}
