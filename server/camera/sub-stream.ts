/** A camera's sub-stream: it runs from its first holder until a while after its last, and is never
 * recorded. */
import type { Clock, Timer } from '../base/clock.ts';
import { stopError } from '../ingest/run-end-reason.ts';
import type { StreamIngest } from '../ingest/stream-ingest.ts';

/** A page that is reloaded, or goes from the wall to one camera and back, finds it running. */
export const SUB_LINGER_MS = 10_000;

/** See the head of this file. The constructor starts nothing. */
export class SubStream {
  readonly #open: () => StreamIngest;
  readonly #clock: Clock;
  #holders = 0;
  #running: { readonly ingest: StreamIngest; readonly stop: AbortController } | undefined;
  #linger: Timer | undefined;
  /** Resolves when everything that was ever started has ended. */
  #over: Promise<void> = Promise.resolve();

  /** `open` makes the ingest of one stretch of being wanted. */
  constructor(open: () => StreamIngest, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** The ingest while it runs. */
  get ingest(): StreamIngest | undefined {
    return this.#running?.ingest;
  }

  /** Starts it, or keeps it going. Each `hold` is followed by one `release`. */
  hold(): void {
    this.#holders += 1;
    this.#linger?.cancel();
    this.#linger = undefined;
    if (this.#running !== undefined) return;
    const stop = new AbortController();
    const ingest = this.#open();
    this.#running = { ingest, stop };
    // The one before may still be leaving, and small cameras serve few connections.
    this.#over = this.#over.then(() => ingest.run(stop.signal));
  }

  /** Ends one hold. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0 || this.#running === undefined) return;
    this.#linger = this.#clock.setTimer(SUB_LINGER_MS, () => {
      void this.stop();
    });
  }

  /** Ends it whoever holds it; resolves when its connection and its process are gone. */
  async stop(): Promise<void> {
    this.#linger?.cancel();
    this.#linger = undefined;
    this.#running?.stop.abort(stopError('stopped'));
    this.#running = undefined;
    await this.#over;
  }
}
