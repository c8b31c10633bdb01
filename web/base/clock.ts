/** Time in the page, injected like everywhere else: the only file that reads it or sets a timer. */

/** A timer that has not rung yet. */
export interface Timer {
  cancel(): void;
}

/** What the page knows of time. */
export interface BrowserClock {
  /** Milliseconds since 1970, of this browser; may step. */
  wallMs(): number;
  /** Milliseconds that never step. */
  monotonicMs(): number;
  /** Calls `ring` once, not before `afterMs`. */
  setTimer(afterMs: number, ring: () => void): Timer;
}

/** The browser's own. */
export const browserClock: BrowserClock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (afterMs, ring) => {
    const handle = setTimeout(ring, afterMs);
    return {
      cancel: () => {
        clearTimeout(handle);
      },
    };
  },
};

/** Where `monotonicMs` begins here, since 1970. Each worker begins to count when it is made. */
export const originMs: number = performance.timeOrigin;

/** The browser's own, counting as where `origin` came from: a page and its workers then agree. */
export function clockSince(origin: number): BrowserClock {
  const aheadMs = originMs - origin;
  return { ...browserClock, monotonicMs: () => browserClock.monotonicMs() + aheadMs };
}

/** Resolves after so long; for a loop that ends by itself. */
export function pause(clock: BrowserClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });
}

/** Calls `work` again and again, `everyMs` after it ended, until the timer is cancelled. */
export function repeat(
  clock: BrowserClock,
  everyMs: number,
  work: () => Promise<void> | void,
): Timer {
  let cancelled = false;
  let timer: Timer | undefined;
  const next = (): void => {
    if (cancelled) return;
    timer = clock.setTimer(everyMs, () => {
      void Promise.resolve(work()).then(next, next);
    });
  };
  next();
  return {
    cancel: () => {
      cancelled = true;
      timer?.cancel();
    },
  };
}
