/** The page's clock, turned by hand: `BrowserClock` without a browser. */
import type { BrowserClock, Timer } from '../../web/base/clock.ts';

/** Timers ring in `advance`, in the order of their times. */
export class TestBrowserClock implements BrowserClock {
  #nowMs = 0;
  readonly #startMs: number;
  #timers: { readonly atMs: number; readonly ring: () => void }[] = [];

  /** `startMs`: the wall clock at first. */
  constructor(startMs = 0) {
    this.#startMs = startMs;
  }

  wallMs(): number {
    return this.#startMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(afterMs: number, ring: () => void): Timer {
    const timer = { atMs: this.#nowMs + afterMs, ring };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Lets time pass, and what rings settle before the next one rings. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = next.atMs;
      next.ring();
      for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    }
    this.#nowMs = untilMs;
  }
}
