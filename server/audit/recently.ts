/** Puts together what would be many entries: one is written, and what follows soon counts as the same. */
import type { Clock } from '../base/clock.ts';
import type { MonotonicMs } from '../base/time.ts';

/** More at once are a flood, and then the oldest are written anew. */
const KEYS_MAX = 512;

/** See the head of this file. */
export class Recently {
  readonly #clock: Clock;
  readonly #forMs: number;
  readonly #written = new Map<string, { readonly done: Promise<void>; atMs: MonotonicMs }>();

  /** `forMs`: so long after the last of them it is still the same. */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** Resolves when it is written, by this call or an earlier one; those that come together wait for one. */
  once(name: string, write: () => Promise<unknown>): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#written.get(name);
    if (known !== undefined && nowMs - known.atMs < this.#forMs) {
      known.atMs = nowMs;
      return known.done;
    }
    this.#written.delete(name);
    const [oldest] = this.#written.keys();
    if (this.#written.size >= KEYS_MAX && oldest !== undefined) this.#written.delete(oldest);
    const done = write().then(() => undefined);
    const mine = { done, atMs: nowMs };
    this.#written.set(name, mine);
    done.catch(() => {
      // Whoever waits hears of it; the next one tries again.
      if (this.#written.get(name) === mine) this.#written.delete(name);
    });
    return done;
  }
}
