/** What a session may do for a while because the password was asked again, in memory only: after a
 * restart it is asked once more. */
import type { Clock } from '../base/clock.ts';
import { monotonicMs, type MonotonicMs } from '../base/time.ts';

/** Long enough for a large file to be prepared and fetched, short enough for a laptop left open
 * (guarantee G3). */
export const GRANT_MS = 15 * 60_000;

/** More than one household asks for in 15 minutes; the oldest is forgotten, and asked again. */
const MAX_GRANTS = 1024;

/** Grants by session and object. A Map with foreign strings as keys, never an object. */
export class PasswordGrants {
  readonly #clock: Clock;
  readonly #untilMs = new Map<string, MonotonicMs>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on, for `GRANT_MS`, this session may do this. */
  grant(sessionKey: string, object: string): void {
    const key = JSON.stringify([sessionKey, object]);
    this.#untilMs.delete(key);
    const oldest = this.#untilMs.size >= MAX_GRANTS ? this.#untilMs.keys().next() : undefined;
    if (oldest?.done === false) this.#untilMs.delete(oldest.value);
    this.#untilMs.set(key, monotonicMs(this.#clock.monotonicMs() + GRANT_MS));
  }

  /** Whether the grant is there and not over. */
  holds(sessionKey: string, object: string): boolean {
    const untilMs = this.#untilMs.get(JSON.stringify([sessionKey, object]));
    return untilMs !== undefined && this.#clock.monotonicMs() < untilMs;
  }
}
