/**
 * Rights of programs: made by hand, found by the hash of what is sent, and none of them opens anything
 * that is stored. The metrics token in the data folder is one of them, and cannot be anything else.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { epochMs, toRfc3339, type EpochMs, type MonotonicMs } from '../base/time.ts';
import type { AccessToken, MadeToken, TokenScope } from '../contract/tokens.ts';
import {
  deleteToken,
  insertToken,
  listTokens,
  tokenByHash,
  touchToken,
  type StoredToken,
} from '../storage/access-tokens.ts';
import { cameraById } from '../storage/cameras.ts';
import type { Database } from '../storage/database.ts';
import { isTokenShaped, newToken, sameToken, tokenHash } from './random-token.ts';
import { checkShownName } from './shown-name.ts';

/** More programs than a household has. */
export const TOKENS_MAX = 32;

/** Of one camera, whichever tokens ask: a series of pictures is not what the door is open for. */
export const PICTURE_EVERY_MS = 1_000;

/** As for sessions: at most one write a minute and token. */
const USED_STEP_MS = 60_000;

const ID_BYTES = 8;

/** The id of the token in the data folder; no other has fewer than 16 characters. */
export const FILE_TOKEN_ID = 'file';

/** What tokens are made of. */
export interface AccessTokensParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly metricsToken: Secret;
  readonly renewMetricsToken?: () => Promise<Secret>;
}

/** A way in that is open for a program as long as its token is: to be shown as an open door. */
export interface OpenDoor {
  readonly name: string;
  readonly cameraId: string;
  readonly sinceMs: EpochMs;
  readonly usedMs: EpochMs | undefined;
}

/** See the head of this file. */
export class AccessTokens {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #renew: (() => Promise<Secret>) | undefined;
  #metricsToken: Secret;
  #fileUsedMs: EpochMs | undefined;
  /** By camera. Ids of cameras that are there, so it is bounded; a Map, because ids come from outside. */
  readonly #picturedMs = new Map<string, MonotonicMs>();

  constructor({ db, clock, metricsToken, renewMetricsToken }: AccessTokensParts) {
    this.#db = db;
    this.#clock = clock;
    this.#metricsToken = metricsToken;
    this.#renew = renewMetricsToken;
  }

  /** All of them, the one in the data folder first. */
  list(): AccessToken[] {
    const file: AccessToken = {
      ...{ id: FILE_TOKEN_ID, name: 'The file metrics-token', scope: 'metrics', camera: null },
      ...{ createdAt: null, lastUsedAt: instant(this.#fileUsedMs) },
    };
    const made = listTokens(this.#db).map(({ id, name, scope, cameraId, createdMs, usedMs }) => ({
      ...{ id, name, scope, camera: cameraId ?? null },
      ...{ createdAt: toRfc3339(createdMs), lastUsedAt: instant(usedMs) },
    }));
    return [file, ...made];
  }

  /** Cameras that programs may see a picture of: what the privacy page has to show. */
  openDoors(): OpenDoor[] {
    return listTokens(this.#db).flatMap(({ name, cameraId, createdMs, usedMs }) =>
      cameraId === undefined ? [] : [{ name, cameraId, sinceMs: createdMs, usedMs }],
    );
  }

  /** Makes one; ask for the password before. `unprocessable`, `exhausted`. */
  make(input: {
    readonly name: string;
    readonly scope: TokenScope;
    readonly camera?: string | undefined;
  }): MadeToken {
    const { scope, camera: cameraId } = input;
    const name = checkShownName(input.name);
    const isThere = cameraId !== undefined && cameraById(this.#db, cameraId) !== undefined;
    if (isThere !== (scope === 'live-picture')) {
      throw new AppError('unprocessable', 'This right needs a camera, or must not name one.', {
        reason: 'bad-camera',
        hint: 'Name a camera of the list for a live picture, and none for metrics.',
      });
    }
    if (listTokens(this.#db).length >= TOKENS_MAX) {
      throw new AppError('exhausted', 'As many programs have a right as can have one.', {
        hint: 'Take back some that nothing uses any more.',
      });
    }
    const token = newToken();
    const id = randomBytes(ID_BYTES).toString('hex');
    const createdMs = this.#clock.wallMs();
    insertToken(this.#db, {
      ...{ id, tokenHash: tokenHash(token), name, scope, cameraId, createdMs },
    });
    return { id, token };
  }

  /** Takes one back, at once; for the one in the data folder another is written there. `not-found`. */
  async revoke(id: string): Promise<void> {
    if (id === FILE_TOKEN_ID && this.#renew !== undefined) {
      this.#metricsToken = await this.#renew();
      this.#fileUsedMs = undefined;
      return;
    }
    if (deleteToken(this.#db, id)) return;
    throw new AppError('not-found', 'No program has this right.', {
      hint: 'It may have been taken back already. Look at the list.',
    });
  }

  /** Whether what a program sent opens the counters. */
  opensMetrics(token: string): boolean {
    // Constant time, because this one is compared itself.
    if (sameToken(token, this.#metricsToken.reveal())) {
      this.#fileUsedMs = minuteOf(this.#clock.wallMs());
      return true;
    }
    return this.#find(token, 'metrics') !== undefined;
  }

  /** Whether it opens a picture of this camera. `throttled` when one was taken within the second. */
  opensPicture(token: string, cameraId: string): boolean {
    const found = this.#find(token, 'live-picture');
    if (found?.cameraId !== cameraId) return false;
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = nowMs - (this.#picturedMs.get(cameraId) ?? -Infinity);
    if (sinceMs < PICTURE_EVERY_MS) {
      throw new AppError('throttled', 'A program gets one picture a second.', {
        retryAfterMs: PICTURE_EVERY_MS - sinceMs,
        hint: 'Ask once a second, or less often.',
      });
    }
    this.#picturedMs.set(cameraId, nowMs);
    return true;
  }

  #find(token: string, scope: TokenScope): StoredToken | undefined {
    if (!isTokenShaped(token)) return undefined;
    const found = tokenByHash(this.#db, tokenHash(token));
    if (found?.scope !== scope) return undefined;
    const usedMs = minuteOf(this.#clock.wallMs());
    if (found.usedMs === undefined || usedMs > found.usedMs) touchToken(this.#db, found.id, usedMs);
    return found;
  }
}

function minuteOf(ms: EpochMs): EpochMs {
  return epochMs(ms - (ms % USED_STEP_MS));
}

function instant(ms: EpochMs | undefined): string | null {
  return ms === undefined ? null : toRfc3339(ms);
}
