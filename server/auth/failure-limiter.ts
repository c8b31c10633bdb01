/**
 * Slows guessing down. Every attempt takes a token and gets it back when it was right, so a flood of
 * parallel guesses cannot slip past the count, and a person who types correctly never waits.
 */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { MonotonicMs } from '../base/time.ts';

/** One kind of bucket: `burst` failures at once, then one more each `refillMs`. */
interface BucketPolicy {
  readonly burst: number;
  readonly refillMs: number;
}

/** Five typing errors are human; afterwards one a minute leaves 1,440 guesses a day. */
const PER_ACCOUNT: BucketPolicy = { burst: 5, refillMs: 60_000 };

/** One address that tries many names: 20 at once, then 20 an hour. */
const PER_ADDRESS: BucketPolicy = { burst: 20, refillMs: 180_000 };

/** More addresses than a home network has; about 100 bytes each. */
const MAX_BUCKETS = 4096;

/** An attempt under way; call exactly one of its ends. Not calling any counts as a failure. */
export interface Attempt {
  /** It was right, or was never judged (the box was too busy): the tokens go back. */
  giveBack(): void;
}

/** Counts failures per account and address, and per address. */
export class FailureLimiter {
  readonly #accounts: Buckets;
  readonly #addresses: Buckets;

  constructor(clock: Clock) {
    this.#accounts = new Buckets(clock, PER_ACCOUNT);
    this.#addresses = new Buckets(clock, PER_ADDRESS);
  }

  /** Takes a token for one attempt; a `throttled` AppError with `retryAfterMs` when none is left. */
  begin(account: string, address: string): Attempt {
    const network = addressGroup(address);
    // JSON, because a name may hold whatever separator were chosen.
    const pair = JSON.stringify([account, network]);
    const waitMs = Math.max(this.#addresses.waitMs(network), this.#accounts.waitMs(pair));
    if (waitMs > 0) throw throttled(waitMs);
    this.#addresses.take(network);
    this.#accounts.take(pair);
    return {
      giveBack: () => {
        this.#addresses.giveBack(network);
        this.#accounts.giveBack(pair);
      },
    };
  }
}

/** A bounded table of token buckets. Maps, never objects: keys come from outside. */
class Buckets {
  readonly #clock: Clock;
  readonly #policy: BucketPolicy;
  readonly #buckets = new Map<string, { tokens: number; atMs: MonotonicMs }>();

  constructor(clock: Clock, policy: BucketPolicy) {
    this.#clock = clock;
    this.#policy = policy;
  }

  /** How long until a whole token is there; 0 when one is. */
  waitMs(key: string): number {
    const missing = 1 - this.#tokens(key);
    return missing <= 0 ? 0 : Math.ceil(missing * this.#policy.refillMs);
  }

  take(key: string): void {
    this.#put(key, this.#tokens(key) - 1);
  }

  giveBack(key: string): void {
    this.#put(key, this.#tokens(key) + 1);
  }

  #tokens(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#policy.burst;
    const gained = (this.#clock.monotonicMs() - bucket.atMs) / this.#policy.refillMs;
    return Math.min(this.#policy.burst, bucket.tokens + gained);
  }

  #put(key: string, tokens: number): void {
    this.#buckets.delete(key);
    if (tokens >= this.#policy.burst) return;
    // The least recently used leaves: it has refilled longest. An address cannot push out its own
    // count with made-up names, because its own bucket ends that after 20.
    const oldest = this.#buckets.size >= MAX_BUCKETS ? this.#buckets.keys().next() : undefined;
    if (oldest?.done === false) this.#buckets.delete(oldest.value);
    this.#buckets.set(key, { tokens, atMs: this.#clock.monotonicMs() });
  }
}

/** One machine holds a whole IPv6 /64, so that is what is counted; IPv4 as it is. */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail] = address.split('%')[0]?.toLowerCase().split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

/** Says how long to wait. */
export function throttled(waitMs: number): AppError {
  const seconds = Math.ceil(waitMs / 1000);
  return new AppError('throttled', 'There were too many wrong tries.', {
    retryAfterMs: waitMs,
    hint: `Wait ${String(seconds)} s, then try again.`,
  });
}
