/**
 * Reading in step. A read costs about 0.1 ms whatever its size, and so does waking up for it; while
 * nobody needs the bytes at once, all sources rest until one common tick and are then read together.
 */
import type { Clock, Timer } from './clock.ts';

/** What of a stream is paced. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * 10 ticks a second. A camera of 3 Mbit/s sends 38 kB between two of them, which the kernel holds;
 * what is more than one read is read on at once (see `PacedSource.afterRead`).
 */
export const CALM_TICK_MS = 200;

/** What node reads at once at most (libuv's suggested size); a shorter read emptied the source. */
const WHOLE_READ_BYTES = 65_536;

/** The common tick. One for all streams of a server; it has a timer only while a source rests. */
export class ReadPace {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #resting = new Set<PacedSource>();
  #timer: Timer | undefined;

  constructor(clock: Clock, tickMs = CALM_TICK_MS) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  /** `isCalm`: nobody needs this source's bytes at once. Asked after every read. */
  source(stream: Pausable, isCalm: () => boolean): PacedSource {
    return new PacedSource(stream, isCalm, this);
  }

  /** Wakes `source` at the next tick. */
  rest(source: PacedSource): void {
    this.#resting.add(source);
    // On a grid, so that sources which were read at different moments wake together.
    const toNextTickMs = this.#tickMs - (this.#clock.monotonicMs() % this.#tickMs);
    this.#timer ??= this.#clock.setTimer(toNextTickMs, () => {
      this.#timer = undefined;
      const sources = [...this.#resting];
      this.#resting.clear();
      for (const each of sources) each.wake();
    });
  }

  /** Forgets `source`; it is left as it is. */
  forget(source: PacedSource): void {
    this.#resting.delete(source);
    if (this.#resting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

/** One stream that is paused for two independent reasons: it rests, or its reader is behind. */
export class PacedSource {
  readonly #stream: Pausable;
  readonly #isCalm: () => boolean;
  readonly #pace: ReadPace;
  #resting = false;
  #blocked = false;

  constructor(stream: Pausable, isCalm: () => boolean, pace: ReadPace) {
    this.#stream = stream;
    this.#isCalm = isCalm;
    this.#pace = pace;
  }

  /** `sizeBytes` were read. More than one read is waiting when the read was a whole one. */
  afterRead(sizeBytes: number): void {
    if (this.#resting || sizeBytes >= WHOLE_READ_BYTES || !this.#isCalm()) return;
    this.#resting = true;
    this.#stream.pause();
    this.#pace.rest(this);
  }

  /** The rest is over. */
  wake(): void {
    this.#resting = false;
    if (!this.#blocked) this.#stream.resume();
  }

  /** Whoever takes our bytes is behind: nothing is read until `unblock`. */
  block(): void {
    this.#blocked = true;
    this.#stream.pause();
  }

  /** It caught up. */
  unblock(): void {
    this.#blocked = false;
    if (!this.#resting) this.#stream.resume();
  }

  /** Ends the pacing; the stream flows on by itself. Idempotent. */
  release(): void {
    this.#pace.forget(this);
    this.wake();
  }
}
