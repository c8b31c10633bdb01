/** How often V8 collected all garbage: each stops the process for as long as a seek takes. */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';

/** Counts from its making on. */
export class Collections {
  readonly #observer: PerformanceObserver;
  #major = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      this.#count(list.getEntries());
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Those that are over. */
  async end(): Promise<number> {
    // Entries arrive a turn after what they tell of.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#count(this.#observer.takeRecords());
    this.#observer.disconnect();
    return this.#major;
  }

  #count(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) {
      // Node's own entries have it; the type is that of browsers.
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#major += 1;
    }
  }
}
