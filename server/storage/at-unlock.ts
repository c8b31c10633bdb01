/**
 * Work on footage that needs its keys: it is done whenever somebody has unlocked, and what cannot be done
 * then waits for the next time.
 */
import { type ErrorKind, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { Wake } from '../base/wake.ts';

/** The disk, or the key process: neither is a defect, and the next unlock may find them well. */
const WAITS_FOR: ReadonlySet<ErrorKind> = new Set(['io', 'unavailable', 'exhausted', 'timeout']);

/** What is done, and what the log says when it has to wait. */
export interface UnlockedWork {
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly waits: string;
  readonly log: Log;
}

/** See the head of this file. */
export class AtUnlock {
  readonly #parts: UnlockedWork;
  readonly #wake = new Wake();

  constructor(parts: UnlockedWork) {
    this.#parts = parts;
  }

  /** Somebody has unlocked. */
  wake(): void {
    this.#wake.wake();
  }

  /** Returns when `signal` aborts. Throws what is a defect. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wake.wait(signal);
      if (signal.aborted) return;
      await this.#once(signal);
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { work, waits, log } = this.#parts;
    try {
      await work(signal);
    } catch (thrown) {
      const error = toAppError(thrown);
      // Locked again, or the server stops.
      if (signal.aborted || error.kind === 'locked') return;
      if (!WAITS_FOR.has(error.kind)) throw error;
      log.warn(errorFields(error), waits);
    }
  }
}
