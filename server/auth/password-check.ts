/** Whether a password is somebody's: counted, and in a time that says nothing. */
import type { StoredUser } from '../storage/users.ts';
import type { FailureLimiter } from './failure-limiter.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { isHashable } from './password-rules.ts';
import { wrongPassword } from './refusals.ts';

/** A name and a password, and whose they might be. */
export interface PasswordClaim {
  readonly user: StoredUser | undefined;
  readonly username: string;
  /** After NFC. */
  readonly password: Buffer;
  readonly address: string;
  /** What is said when they do not belong together. */
  readonly wrong: string;
}

/** See the head of this file. */
export class PasswordCheck {
  readonly #hasher: PasswordHasher;
  readonly #limiter: FailureLimiter;

  constructor(hasher: PasswordHasher, limiter: FailureLimiter) {
    this.#hasher = hasher;
    this.#limiter = limiter;
  }

  /** The same work and the same answer, whether the user exists or not. `unauthenticated`, `throttled`
   * or `exhausted` unless it is right. */
  async check(claim: PasswordClaim): Promise<void> {
    const attempt = this.#limiter.begin(claim.username.toLowerCase(), claim.address);
    const { password } = claim;
    let right: boolean;
    try {
      // What is too long cannot be anybody's; the same work is done on nothing instead.
      right = isHashable(password)
        ? await this.#hasher.verify(claim.user?.passwordHash, password)
        : await this.#hasher.verify(undefined, Buffer.alloc(0));
    } catch (thrown) {
      attempt.giveBack();
      throw thrown;
    }
    if (!right) throw wrongPassword(claim.wrong);
    attempt.giveBack();
  }
}
