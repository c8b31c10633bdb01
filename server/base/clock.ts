/** The only place that reads a clock or sets a timer; everything else is handed a `Clock`. */
import { cancelled } from './errors.ts';
import { epochMs, monotonicMs, type EpochMs, type MonotonicMs } from './time.ts';

/** A timer that was set; `cancel` is idempotent and a no-op once it fired. */
export interface Timer {
  cancel(): void;
}

/** Both clocks and the timers. Tests pass a `TestClock` (tests/doubles) that moves by hand. */
export interface Clock {
  /** Wall clock: for labels. It may step in either direction. */
  wallMs(): EpochMs;
  /** Monotonic clock: for intervals, timeouts and media anchoring. */
  monotonicMs(): MonotonicMs;
  /** Calls `fn` once after `delayMs`. The timer does not keep the process alive. */
  setTimer(delayMs: number, fn: () => void): Timer;
  /** Resolves after `delayMs`; rejects with a `cancelled` AppError when `signal` aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clocks. */
export class SystemClock implements Clock {
  readonly #keepsAlive: boolean;

  /** `keepsAlive`: its timers hold the process, for a command that waits for nothing else. */
  constructor({ keepsAlive = false }: { readonly keepsAlive?: boolean } = {}) {
    this.#keepsAlive = keepsAlive;
  }

  wallMs(): EpochMs {
    return epochMs(Date.now());
  }

  monotonicMs(): MonotonicMs {
    return monotonicMs(performance.now());
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    const handle = setTimeout(fn, delayMs);
    if (!this.#keepsAlive) handle.unref();
    return {
      cancel: () => {
        clearTimeout(handle);
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}

/** `Clock.sleep` in terms of `Clock.setTimer`, shared by every clock. */
export function sleepOn(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(cancelled(signal));
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
