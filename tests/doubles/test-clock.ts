/** A `Clock` that stands still until a test moves it. */
import { sleepOn, type Clock, type Timer } from '../../server/base/clock.ts';
import { epochMs, monotonicMs, type EpochMs, type MonotonicMs } from '../../server/base/time.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly fn: () => void;
}

/** Both clocks start at the given values and move only by `advance` and `stepWall`. */
export class TestClock implements Clock {
  #wallMs: number;
  #monotonicMs: number;
  readonly #timers = new Set<PendingTimer>();

  /** Starts on 2026-01-01T12:00:00Z, with a monotonic clock that is not zero by chance. */
  constructor(startWallMs = Date.UTC(2026, 0, 1, 12), startMonotonicMs = 1_000) {
    this.#wallMs = startWallMs;
    this.#monotonicMs = startMonotonicMs;
  }

  wallMs(): EpochMs {
    // Whole, as the system's: timers may fall due in between.
    return epochMs(Math.floor(this.#wallMs));
  }

  monotonicMs(): MonotonicMs {
    return monotonicMs(this.#monotonicMs);
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + delayMs, fn };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** How many timers wait: a test of a clean stop expects 0. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Moves both clocks and fires what falls due, each timer at its own instant and in order. Between
   * two timers, promises that the first one settled run, so that a loop of `sleep`s advances.
   */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#moveTo(Math.max(next.dueMs, this.#monotonicMs));
      this.#timers.delete(next);
      next.fn();
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  /** Steps the wall clock alone, as an NTP client or a person does. */
  stepWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  #moveTo(atMs: number): void {
    this.#wallMs += atMs - this.#monotonicMs;
    this.#monotonicMs = atMs;
  }

  #nextDue(endMs: number): PendingTimer | undefined {
    let earliest: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (earliest === undefined || timer.dueMs < earliest.dueMs) earliest = timer;
    }
    return earliest;
  }
}

// One turn of the event loop: every promise reaction that is ready has then run.
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
