/** argon2id, one at a time: the work that makes guessing expensive must not be a way to stop the
 * box. The only place that imports @node-rs/argon2, which computes off the main thread. */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { BoundedQueue } from '../base/bounded-queue.ts';
import { AppError } from '../base/errors.ts';

/** Cost of one hash. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** 64 MiB and three passes: above OWASP's floor (46 MiB, 1), 137 ms on the machine it was measured
 * on, and a Raspberry Pi can spare the memory once. */
export const PASSWORD_COST: HashCost = { memoryKib: 64 * 1024, passes: 3 };

/** Eight people signing in at the same second is a large household; the last waits about 1 s here
 * and a few seconds on a small board. */
const WAITING_MAX = 8;

/** Hashes and checks passwords, which come in after NFC. */
export class PasswordHasher {
  readonly #cost: HashCost;
  readonly #waiting = new BoundedQueue<() => void>(
    { maxItems: WAITING_MAX, maxBytes: WAITING_MAX },
    () => 1,
  );
  readonly #dummy: string;
  #busy = false;

  constructor(cost: HashCost = PASSWORD_COST) {
    this.#cost = cost;
    this.#dummy = dummyHash(cost);
  }

  /** The hash as a PHC string, with its own salt. `exhausted` when too many are waiting. */
  hash(password: Uint8Array): Promise<string> {
    const { memoryKib, passes } = this.#cost;
    // argon2id is the library's default; naming it would need its const enum, which isolatedModules
    // cannot import.
    return this.#alone(() =>
      hash(password, {
        memoryCost: memoryKib,
        timeCost: passes,
        parallelism: 1,
      }),
    );
  }

  /** Whether the password belongs to the hash. Without a hash (no such user) it does the same work
   * and says no. `exhausted` when too many are waiting. */
  async verify(stored: string | undefined, password: Uint8Array): Promise<boolean> {
    const matches = await this.#alone(() => verify(stored ?? this.#dummy, password));
    return matches && stored !== undefined;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) await this.#turn();
    this.#busy = true;
    try {
      return await work();
    } finally {
      // Handing over directly keeps #busy true, so nobody can slip in between.
      const next = this.#waiting.take();
      if (next === undefined) this.#busy = false;
      else next();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#waiting.push(resolve)) {
        reject(
          new AppError('exhausted', 'Too many people are signing in at this moment.', {
            hint: 'Wait a few seconds, then try again.',
            retryAfterMs: 5_000,
          }),
        );
      }
    });
  }
}

/** A PHC string of the same cost that no password belongs to. */
function dummyHash({ memoryKib, passes }: HashCost): string {
  const base64 = (bytes: number): string =>
    randomBytes(bytes).toString('base64').replace(/=+$/, '');
  // 16 bytes of salt and 32 of hash: what @node-rs/argon2 makes.
  return `$argon2id$v=19$m=${String(memoryKib)},t=${String(passes)},p=1$${base64(16)}$${base64(32)}`;
}
