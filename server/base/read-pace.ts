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
 * 5 ticks a second. What is recorded becomes durable once per GOP anyway, and what a crash may cost
 * (the last GOP and a second) has room for it.
 */
export const CALM_TICK_MS = 200;

/**
 * A source that brings more is read as it comes: 4 Mbit/s are 100 kB between two ticks, which the
 * kernel's buffers hold. More would wait in the camera, and small cameras have little room.
 */
const CALM_MAX_BYTES_PER_S = 512 * 1024;

/** How long the rate is measured before it is judged: a key frame and some frames behind it. */
const RATE_WINDOW_MS = 2_000;

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
    return new PacedSource({ stream, isCalm, pace: this, clock: this.#clock });
  }

  /** Wakes `source` at the next tick. */
  rest(source: PacedSource): void {
    this.#resting.add(source);
    // On a grid, so that sources which were read at different moments wake together.
    const toNextTickMs = this.#tickMs - (this.#clock.monotonicMs() % this.#tickMs);
    this.#timer ??= this.#clock.setTimer(toNextTickMs, () => {
      this.#timer = undefined;
      this.#wake();
    });
  }

  /** Brings the tick forward: somebody wants what is there now. */
  wakeAll(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wake();
  }

  #wake(): void {
    const sources = [...this.#resting];
    this.#resting.clear();
    for (const each of sources) each.wake();
  }

  /** Forgets `source`; it is left as it is. */
  forget(source: PacedSource): void {
    this.#resting.delete(source);
    if (this.#resting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

/** What a `PacedSource` is made of. */
interface PacedSourceParts {
  readonly stream: Pausable;
  readonly isCalm: () => boolean;
  readonly pace: ReadPace;
  readonly clock: Clock;
}

/** One stream that is paused for two independent reasons: it rests, or its reader is behind. */
export class PacedSource {
  readonly #parts: PacedSourceParts;
  readonly #stream: Pausable;
  #resting = false;
  #blocked = false;
  #windowStartMs: number | undefined;
  #windowBytes = 0;
  /** False until a first window was measured. */
  #isSlow = false;

  constructor(parts: PacedSourceParts) {
    this.#parts = parts;
    this.#stream = parts.stream;
  }

  /** `sizeBytes` were read. More than one read is waiting when the read was a whole one. */
  afterRead(sizeBytes: number): void {
    this.#measure(sizeBytes);
    if (this.#resting || sizeBytes >= WHOLE_READ_BYTES) return;
    if (!this.#isSlow || !this.#parts.isCalm()) return;
    this.#resting = true;
    this.#stream.pause();
    this.#parts.pace.rest(this);
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
    this.#parts.pace.forget(this);
    this.wake();
  }

  #measure(sizeBytes: number): void {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#windowStartMs ??= nowMs;
    this.#windowBytes += sizeBytes;
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs < RATE_WINDOW_MS) return;
    this.#isSlow = this.#windowBytes * 1000 <= CALM_MAX_BYTES_PER_S * elapsedMs;
    this.#windowStartMs = nowMs;
    this.#windowBytes = 0;
  }
}
