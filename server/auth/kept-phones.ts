/** "Keep this phone unlocked": what a browser is given for it, and what it opens with that. */
import { randomBytes } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { PhoneToKeep } from '../keys/key-claims.ts';
import type { Identity } from './auth-service.ts';
import type { KeptPhone, MemberKeys } from './member-keys.ts';
import { isTokenShaped } from './random-token.ts';

/** As for a session: nothing to guess. */
const SECRET_BYTES = 32;
const ID_BYTES = 8;

/** The length of the list's column. */
const NAME_MAX_CHARS = 64;

/** What kept phones are made of. */
export interface KeptPhonesParts {
  readonly keys: MemberKeys;
  /** Whether a session (`Identity.sessionKey`) is there and may unlock. */
  readonly mayUnlock: (sessionKey: string) => boolean;
}

/** See the head of this file. */
export class KeptPhones {
  readonly #keys: MemberKeys;
  readonly #mayUnlock: (sessionKey: string) => boolean;

  constructor({ keys, mayUnlock }: KeptPhonesParts) {
    this.#keys = keys;
    this.#mayUnlock = mayUnlock;
  }

  /** A phone that does not exist yet, for `AuthService.unlock`. `unprocessable` for a name that will not
   * do. */
  prepare(name: string): PhoneToKeep {
    const shown = name.normalize('NFC').trim();
    const chars = Array.from(shown).length;
    if (chars === 0 || chars > NAME_MAX_CHARS || /[\p{C}\p{Zl}\p{Zp}]/u.test(shown)) {
      throw new AppError('unprocessable', 'The name of the phone cannot be used.', {
        reason: 'bad-name',
        hint: `Use 1 to ${String(NAME_MAX_CHARS)} letters, digits or signs that can be seen.`,
      });
    }
    return {
      id: randomBytes(ID_BYTES).toString('hex'),
      ...{ name: shown, secret: randomBytes(SECRET_BYTES) },
    };
  }

  /** Unlocks without a password. `conflict` when this browser is not kept, or not any more; `locked` when
   * somebody locked since and nobody pressed. */
  async unlock(
    identity: Identity,
    { cookie, isPressed }: { readonly cookie: string | undefined; readonly isPressed: boolean },
  ): Promise<void> {
    const { sessionKey: holder, userId } = identity;
    const isWanted = (): boolean => this.#mayUnlock(holder);
    const { locks } = this.#keys;
    const secret = cookie !== undefined && isTokenShaped(cookie) ? cookie : '';
    const outcome = await this.#keys.unlockKept({
      ...{ holder, userId, locks, isWanted, isPressed },
      secret: Buffer.from(secret, 'base64url'),
    });
    if (outcome === 'open') return;
    if (outcome === 'waits') {
      throw new AppError('locked', 'It was locked since this phone last opened the past.', {
        reason: 'press-first',
        hint: 'Press Open the past, or type your password.',
      });
    }
    throw new AppError('conflict', 'This phone is not kept unlocked any more.', {
      reason: 'not-kept',
      hint: 'Unlock with your password; then you can keep it unlocked again.',
    });
  }

  /** All of the household. */
  list(): readonly KeptPhone[] {
    return this.#keys.keptPhones();
  }

  /** It is kept no longer; `not-found` when there is none. */
  async forget({ sessionKey }: Identity, id: string): Promise<void> {
    if (await this.#keys.forgetPhone(id, sessionKey)) return;
    throw new AppError('not-found', 'There is no such phone in the list.', {
      hint: 'It may be gone already. Load the page again.',
    });
  }

  /** Takes `forget` back, for the session that asked for it; `not-found` when it is too late. */
  async bringBack({ sessionKey }: Identity, id: string): Promise<void> {
    if (await this.#keys.bringBackPhone(id, sessionKey)) return;
    throw new AppError('not-found', 'It is too late to put this phone back.', {
      hint: 'Type the password on that phone; then you can keep it unlocked again.',
    });
  }
}
