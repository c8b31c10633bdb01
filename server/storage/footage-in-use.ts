/** Who reads which camera's footage right now, so that nothing is deleted under a reader. */

/** Holds by camera, within this process. */
export class FootageInUse {
  readonly #holds = new Map<string, number>();
  #waiting: { cameraId: string; resolve: () => void }[] = [];

  /** Keeps a camera's footage from being deleted until the answer is called (once counts). */
  hold(cameraId: string): () => void {
    this.#holds.set(cameraId, (this.#holds.get(cameraId) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.#holds.get(cameraId) ?? 1) - 1;
      if (left > 0) {
        this.#holds.set(cameraId, left);
        return;
      }
      this.#holds.delete(cameraId);
      const ready = this.#waiting.filter((waiter) => waiter.cameraId === cameraId);
      this.#waiting = this.#waiting.filter((waiter) => waiter.cameraId !== cameraId);
      for (const waiter of ready) waiter.resolve();
    };
  }

  /** Whether somebody holds the camera. */
  isHeld(cameraId: string): boolean {
    return this.#holds.has(cameraId);
  }

  /** Resolves when nobody holds the camera, or when `signal` aborts. */
  free(cameraId: string, signal: AbortSignal): Promise<void> {
    if (!this.#holds.has(cameraId) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.push({ cameraId, resolve: done });
    });
  }
}
