/**
 * The phone that was taken off the list last, for who changes their mind: the page offers Undo for ten seconds.
 * In memory alone, and for the session that took it off alone: the file has forgotten it at once, so whatever
 * ends the server forgets it for good.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { KeptPhone } from './key-messages.ts';

/** What the page offers, and a request that takes its time. */
const KNOWN_FOR_MS = 15_000;

/** See the head of this file. */
export class ForgottenPhone {
  readonly #clock: Pick<Clock, 'setTimer'>;
  #last: { readonly phone: KeptPhone; readonly holder: string; readonly timer: Timer } | undefined;

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  /** It was taken off by this session. The one before it is gone: only the newest step is taken back. */
  note(phone: KeptPhone, holder: string): void {
    this.clear();
    const timer = this.#clock.setTimer(KNOWN_FOR_MS, () => {
      this.#last = undefined;
    });
    this.#last = { phone, holder, timer };
  }

  /** As it is put back: it waits for a press, because a lock may have come meanwhile. */
  find(id: string, holder: string): KeptPhone | undefined {
    if (this.#last?.phone.id !== id || this.#last.holder !== holder) return undefined;
    return { ...this.#last.phone, waits: true };
  }

  /** It was put back, or nobody may put it back any more. */
  clear(): void {
    this.#last?.timer.cancel();
    this.#last = undefined;
  }
}
