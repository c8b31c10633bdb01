/** Signed-in browsers. How long a session lives is decided in auth/, not here. */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** A session as it is stored: never the cookie itself. */
export interface StoredSession {
  /** SHA-256 of the cookie's bytes. */
  readonly tokenHash: Buffer;
  readonly userId: number;
  readonly createdMs: EpochMs;
  /** Last request, as coarse as the caller makes it. */
  readonly seenMs: EpochMs;
  /** A wall screen. */
  readonly isLiveOnly: boolean;
}

const INSERT = `
  INSERT INTO session (token_hash, user_id, created_ms, seen_ms)
  VALUES (:tokenHash, :userId, :createdMs, :seenMs)`;
const BY_HASH: Query<StoredSession> = {
  sql: `SELECT token_hash, user_id, created_ms, seen_ms, live_only FROM session
        WHERE token_hash = :tokenHash`,
  read: (row) => ({
    tokenHash: row.blob('token_hash'),
    userId: row.integer('user_id'),
    createdMs: row.instant('created_ms'),
    seenMs: row.instant('seen_ms'),
    isLiveOnly: row.integer('live_only') === 1,
  }),
};
const TOUCH = 'UPDATE session SET seen_ms = :seenMs WHERE token_hash = :tokenHash';
const MAKE_LIVE_ONLY = 'UPDATE session SET live_only = 1 WHERE token_hash = :tokenHash';
const DELETE = 'DELETE FROM session WHERE token_hash = :tokenHash';
const DELETE_EXPIRED = `
  DELETE FROM session WHERE created_ms < :createdBeforeMs OR seen_ms < :seenBeforeMs`;
const KEEP_NEWEST = `
  DELETE FROM session WHERE user_id = :userId AND token_hash NOT IN (
    SELECT token_hash FROM session WHERE user_id = :userId
    ORDER BY created_ms DESC, seen_ms DESC LIMIT :keep)`;
const DELETE_OF_USER = `
  DELETE FROM session WHERE user_id = :userId AND token_hash IS NOT :exceptHash`;

/** Adds a session; `conflict` when the user is gone. */
export function insertSession(db: Database, session: Omit<StoredSession, 'isLiveOnly'>): void {
  db.run(INSERT, { ...session });
}

/** By the hash of the cookie; whether it has expired is for the caller to judge. */
export function sessionByTokenHash(db: Database, tokenHash: Buffer): StoredSession | undefined {
  return db.get(BY_HASH, { tokenHash });
}

/** Notes a request. Nothing happens when the session is gone. */
export function touchSession(db: Database, tokenHash: Buffer, seenMs: EpochMs): void {
  db.run(TOUCH, { tokenHash, seenMs });
}

/** From now on it is a wall screen. */
export function makeSessionLiveOnly(db: Database, tokenHash: Buffer): void {
  db.run(MAKE_LIVE_ONLY, { tokenHash });
}

/** Signs out one browser; false when it was signed out already. */
export function deleteSession(db: Database, tokenHash: Buffer): boolean {
  return db.run(DELETE, { tokenHash }).changes > 0;
}

/** Deletes what is older than either limit, and answers how many that were. */
export function deleteExpiredSessions(
  db: Database,
  limits: { createdBeforeMs: EpochMs; seenBeforeMs: EpochMs },
): number {
  return db.run(DELETE_EXPIRED, { ...limits }).changes;
}

/** Signs a person out of all browsers but the `keep` that signed in last; answers of how many. */
export function keepNewestSessions(db: Database, userId: number, keep: number): number {
  return db.run(KEEP_NEWEST, { userId, keep }).changes;
}

/** Signs a person out everywhere, or everywhere else, and answers of how many browsers. */
export function deleteSessionsOfUser(db: Database, userId: number, exceptHash?: Buffer): number {
  return db.run(DELETE_OF_USER, { userId, exceptHash: exceptHash ?? null }).changes;
}
