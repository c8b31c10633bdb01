/** Whether a password is somebody's: counted, and in a time that says nothing. */
import type { StoredUser } from '../storage/users.ts';
import { addressGroup, throttled, type FailureLimiter } from './failure-limiter.ts';
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

/** Passwords of one address that are looked at or wait for it: nine may at once (password-hasher.ts), and
 * whoever guesses must leave room for who does not. */
const UNDER_WAY_MAX = 4;

const UNDER_WAY_WAIT_MS = 1_000;

/** See the head of this file. */
export class PasswordCheck {
  readonly #hasher: PasswordHasher;
  readonly #limiter: FailureLimiter;
  /** By address; those without any are not in it, so it is as small as the queue. */
  readonly #underWay = new Map<string, number>();

  constructor(hasher: PasswordHasher, limiter: FailureLimiter) {
    this.#hasher = hasher;
    this.#limiter = limiter;
  }

  /** The same work and the same answer, whether the user exists or not. `unauthenticated`, `throttled`
   * or `exhausted` unless it is right. */
  async check(claim: PasswordClaim): Promise<void> {
    const network = addressGroup(claim.address);
    const before = this.#underWay.get(network) ?? 0;
    if (before >= UNDER_WAY_MAX) throw throttled(UNDER_WAY_WAIT_MS);
    this.#underWay.set(network, before + 1);
    try {
      await this.#check(claim);
    } finally {
      const left = (this.#underWay.get(network) ?? 1) - 1;
      if (left > 0) this.#underWay.set(network, left);
      else this.#underWay.delete(network);
    }
  }

  async #check(claim: PasswordClaim): Promise<void> {
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
