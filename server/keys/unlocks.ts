/** Which signed-in browsers have unlocked, and until when. In memory: a restart locks. */
import type { Clock, Timer } from '../base/clock.ts';
import { monotonicMs, type MonotonicMs } from '../base/time.ts';

/** After the last read of stored footage: a phone put down on the table. */
export const UNLOCK_IDLE_MS = 15 * 60_000;

/** Whatever is being read: nobody watches the past for half a day. */
export const UNLOCK_MAX_MS = 12 * 3_600_000;

/** More than a household has open; the oldest locks. */
const UNLOCKS_MAX = 256;

/** Of one session. */
interface Unlock {
  readonly userId: number;
  idleMs: MonotonicMs;
  readonly untilMs: MonotonicMs;
}

/** What is told; none of these may throw. */
export interface UnlockEvents {
  /** None is left. */
  readonly onLast: () => void;
  /** One has run out; nobody ended it. Told after `onLast`. */
  readonly onRanOut: (userId: number) => void;
}

/** Unlocks by the name of who holds them. Each ends for itself. */
export class Unlocks {
  readonly #clock: Clock;
  readonly #events: UnlockEvents;
  readonly #open = new Map<string, Unlock>();
  #timer: Timer | undefined;

  constructor(clock: Clock, events: UnlockEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins, or begins anew, for a session of this person. */
  begin(holder: string, userId: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#open.delete(holder);
    const oldest = this.#open.size >= UNLOCKS_MAX ? this.#open.keys().next() : undefined;
    if (oldest?.done === false) this.#open.delete(oldest.value);
    this.#open.set(holder, {
      userId,
      idleMs: monotonicMs(nowMs + UNLOCK_IDLE_MS),
      untilMs: monotonicMs(nowMs + UNLOCK_MAX_MS),
    });
    this.#watch();
  }

  /** Whether it is unlocked. */
  holds(holder: string): boolean {
    const unlock = this.#open.get(holder);
    return unlock !== undefined && this.#clock.monotonicMs() < endOf(unlock);
  }

  /** Stored footage was read: its 15 minutes begin again. */
  touch(holder: string): void {
    const unlock = this.#open.get(holder);
    if (unlock === undefined || !this.holds(holder)) return;
    unlock.idleMs = monotonicMs(this.#clock.monotonicMs() + UNLOCK_IDLE_MS);
  }

  /** Ends those whose holder is not wanted any more. */
  keep(isWanted: (holder: string) => boolean): void {
    this.#drop((holder) => !isWanted(holder));
  }

  /** Ends all, without telling: who asks knows. */
  clear(): void {
    this.#open.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #drop(isOver: (holder: string) => boolean): void {
    const before = this.#open.size;
    for (const holder of [...this.#open.keys()]) if (isOver(holder)) this.#open.delete(holder);
    if (before > 0 && this.#open.size === 0) {
      this.clear();
      this.#events.onLast();
    }
  }

  /** One timer, for the next possible end; what was read meanwhile moves it on. */
  #watch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#open.size === 0) return;
    const nextMs = Math.min(...[...this.#open.values()].map(endOf));
    this.#timer = this.#clock.setTimer(Math.max(0, nextMs - this.#clock.monotonicMs()), () => {
      const over = [...this.#open].filter(([holder]) => !this.holds(holder));
      this.#drop((holder) => !this.holds(holder));
      this.#watch();
      for (const [, { userId }] of over) this.#events.onRanOut(userId);
    });
  }
}

function endOf({ idleMs, untilMs }: Unlock): number {
  return Math.min(idleMs, untilMs);
}
