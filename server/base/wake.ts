/** Where a loop waits until there is something to do. For one loop: who wakes it may be many. */

/** See the head of this file. */
export class Wake {
  #isWoken = false;
  #resolve: (() => void) | undefined;

  /** There is something to do, now or at the next wait. */
  wake(): void {
    this.#isWoken = true;
    this.#resolve?.();
  }

  /** Resolves when it was woken since the last wait, or when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#isWoken && !signal.aborted) await this.#untilWoken(signal);
    this.#isWoken = false;
  }

  #untilWoken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#resolve = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#resolve = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
