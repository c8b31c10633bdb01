/** Rights of programs, as rows: found by the hash of what they send, never by anything of theirs. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { TokenScope } from '../contract/tokens.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** A token as it is stored: never itself. */
export interface StoredToken {
  readonly id: string;
  /** SHA-256 of the token. */
  readonly tokenHash: Buffer;
  readonly name: string;
  readonly scope: TokenScope;
  /** Whose picture it opens. */
  readonly cameraId: string | undefined;
  readonly createdMs: EpochMs;
  /** To the minute. */
  readonly usedMs: EpochMs | undefined;
}

const COLUMNS = 'id, token_hash, name, scope, camera_id, created_ms, used_ms';
const INSERT = `
  INSERT INTO access_token (${COLUMNS})
  VALUES (:id, :tokenHash, :name, :scope, :cameraId, :createdMs, NULL)`;
const ALL: Query<StoredToken> = {
  sql: `SELECT ${COLUMNS} FROM access_token ORDER BY created_ms, id`,
  read: readToken,
};
const BY_HASH: Query<StoredToken> = {
  sql: `SELECT ${COLUMNS} FROM access_token WHERE token_hash = :tokenHash`,
  read: readToken,
};
const TOUCH = 'UPDATE access_token SET used_ms = :usedMs WHERE id = :id';
const DELETE = 'DELETE FROM access_token WHERE id = :id';

/** Adds one; `conflict` for a camera that is not there. */
export function insertToken(
  db: Database,
  { cameraId, ...token }: Omit<StoredToken, 'usedMs'>,
): void {
  db.run(INSERT, { ...token, cameraId: cameraId ?? null });
}

/** All of them, oldest first. */
export function listTokens(db: Database): StoredToken[] {
  return db.all(ALL, {});
}

/** By the hash of what a program sent. */
export function tokenByHash(db: Database, tokenHash: Buffer): StoredToken | undefined {
  return db.get(BY_HASH, { tokenHash });
}

/** Notes a use. */
export function touchToken(db: Database, id: string, usedMs: EpochMs): void {
  db.run(TOUCH, { id, usedMs });
}

/** It opens nothing any more; false when there was none. */
export function deleteToken(db: Database, id: string): boolean {
  return db.run(DELETE, { id }).changes > 0;
}

function readToken(row: Row): StoredToken {
  const scope = row.text('scope');
  if (scope !== 'metrics' && scope !== 'live-picture') {
    throw new AppError('internal', 'a token has an unknown scope');
  }
  return {
    id: row.text('id'),
    tokenHash: row.blob('token_hash'),
    name: row.text('name'),
    scope,
    cameraId: row.optionalText('camera_id'),
    createdMs: row.instant('created_ms'),
    usedMs: row.optionalInstant('used_ms'),
  };
}
