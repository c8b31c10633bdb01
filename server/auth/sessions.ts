/** Signed-in browsers: 32 random bytes in a cookie, their SHA-256 in the database. */
import type { Clock } from '../base/clock.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import type { Database } from '../storage/database.ts';
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOfUser,
  insertSession,
  keepNewestSessions,
  makeSessionLiveOnly,
  sessionByTokenHash,
  touchSession,
  type StoredSession,
} from '../storage/sessions.ts';
import { isTokenShaped, newToken, tokenHash } from './random-token.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A phone that was not opened for a week asks again. */
const IDLE_MAX_MS = 7 * DAY_MS;

/** However busy it is, a browser signs in once a month: a copied cookie does not live for ever. */
export const SESSION_MAX_MS = 30 * DAY_MS;

/** Browsers in which one person is signed in; with one more, the oldest is signed out. */
export const SESSIONS_PER_PERSON_MAX = 20;

/** Rounding "last seen" to the minute spares a write per request. */
const SEEN_STEP_MS = 60_000;

/** Opens, finds and closes sessions. Times are wall-clock, because they outlive the process. */
export class Sessions {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #onEnded: () => void;

  /** `onEnded` is told whenever sessions have ended, for whatever reason. */
  constructor(db: Database, clock: Clock, onEnded: () => void) {
    this.#db = db;
    this.#clock = clock;
    this.#onEnded = onEnded;
  }

  /** A new session; answers the token for the cookie, which is not kept. */
  open(userId: number): string {
    const nowMs = this.#clock.wallMs();
    const expired = deleteExpiredSessions(this.#db, {
      createdBeforeMs: epochMs(nowMs - SESSION_MAX_MS),
      seenBeforeMs: epochMs(nowMs - IDLE_MAX_MS),
    });
    const token = newToken();
    insertSession(this.#db, {
      tokenHash: tokenHash(token),
      userId,
      createdMs: nowMs,
      seenMs: roundDown(nowMs),
    });
    const oldest = keepNewestSessions(this.#db, userId, SESSIONS_PER_PERSON_MAX);
    if (expired + oldest > 0) this.#onEnded();
    return token;
  }

  /** The living session of a cookie's value; undefined when there is none. Notes that it was seen. */
  find(token: string | undefined): StoredSession | undefined {
    if (token === undefined || !isTokenShaped(token)) return undefined;
    return this.findByHash(tokenHash(token));
  }

  /** Like `find`, by what is stored of the cookie's value. */
  findByHash(hash: Buffer): StoredSession | undefined {
    const session = sessionByTokenHash(this.#db, hash);
    if (session === undefined) return undefined;
    const nowMs = this.#clock.wallMs();
    if (isOver(session, nowMs)) {
      deleteSession(this.#db, hash);
      this.#onEnded();
      return undefined;
    }
    const seenMs = roundDown(nowMs);
    if (seenMs > session.seenMs) touchSession(this.#db, hash, seenMs);
    return session;
  }

  /** Whose it is, when it has not run out and is no wall screen. Nothing is noted and nobody is told. */
  unlockerOf(hash: Buffer): number | undefined {
    const session = sessionByTokenHash(this.#db, hash);
    if (session === undefined || session.isLiveOnly) return undefined;
    return isOver(session, this.#clock.wallMs()) ? undefined : session.userId;
  }

  /** From now on it watches live and nothing else. */
  makeLiveOnly(hash: Buffer): void {
    makeSessionLiveOnly(this.#db, hash);
  }

  /** Signs a person out everywhere, or everywhere but in one browser. */
  closeAllOf(userId: number, exceptHash?: Buffer): void {
    if (deleteSessionsOfUser(this.#db, userId, exceptHash) > 0) this.#onEnded();
  }

  /** Signs a browser out; no error when it was not signed in. */
  close(token: string): void {
    if (isTokenShaped(token) && deleteSession(this.#db, tokenHash(token))) this.#onEnded();
  }
}

function isOver({ createdMs, seenMs }: StoredSession, nowMs: EpochMs): boolean {
  return nowMs - createdMs >= SESSION_MAX_MS || nowMs - seenMs >= IDLE_MAX_MS;
}

function roundDown(value: EpochMs): EpochMs {
  return epochMs(value - (value % SEEN_STEP_MS));
}
