/** Which signed-in browsers have unlocked, and until when. In memory: a restart locks. */
import type { Clock, Timer } from '../base/clock.ts';
import { monotonicMs, type MonotonicMs } from '../base/time.ts';

/** After the last read of stored footage: a phone put down on the table. */
export const UNLOCK_IDLE_MS = 15 * 60_000;

/** Whatever is being read: nobody watches the past for half a day. */
export const UNLOCK_MAX_MS = 12 * 3_600_000;

/** More than a household has open; the oldest locks. */
const UNLOCKS_MAX = 256;

/** Unlocks by the name of who holds them. Each ends for itself; `onLast` is told when none is left. */
export class Unlocks {
  readonly #clock: Clock;
  readonly #onLast: () => void;
  readonly #open = new Map<string, { idleMs: MonotonicMs; readonly untilMs: MonotonicMs }>();
  #timer: Timer | undefined;

  constructor(clock: Clock, onLast: () => void) {
    this.#clock = clock;
    this.#onLast = onLast;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins, or begins anew. */
  begin(holder: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#open.delete(holder);
    const oldest = this.#open.size >= UNLOCKS_MAX ? this.#open.keys().next() : undefined;
    if (oldest?.done === false) this.#open.delete(oldest.value);
    this.#open.set(holder, {
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
      this.#onLast();
    }
  }

  /** One timer, for the next possible end; what was read meanwhile moves it on. */
  #watch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#open.size === 0) return;
    const nextMs = Math.min(...[...this.#open.values()].map(endOf));
    this.#timer = this.#clock.setTimer(Math.max(0, nextMs - this.#clock.monotonicMs()), () => {
      this.#drop((holder) => !this.holds(holder));
      this.#watch();
    });
  }
}

function endOf(unlock: { idleMs: MonotonicMs; untilMs: MonotonicMs }): number {
  return Math.min(unlock.idleMs, unlock.untilMs);
}
