/**
 * What the arrival of fragments tells: the box's clock, and how far behind it a picture has to be
 * shown so that the next one is always there in time. Pure: times are arguments.
 *
 * The browser's own clock may be hours off. A fragment cannot arrive before it ended on the box's
 * clock, so the earliest arrivals tell what that clock shows here; later ones are late.
 */

/** A fragment that has arrived. */
export interface Arrival {
  readonly trackId: number;
  /** Where its media ends on the box's wall clock. */
  readonly endMs: number;
  readonly durationMs: number;
}

/** Two quartz clocks part by no more than this share of time: 50 parts in a million each. */
const CLOCK_DRIFT = 1e-4;

/** How long an arrival counts: long enough to see the rhythm of key frames and of a phone's radio. */
const WINDOW_MS = 10_000;

/** 60 frames and 10 packets of sound a second for that long. */
const SAMPLES_MAX = 700;

interface Need {
  readonly atMs: number;
  readonly needMs: number;
}

/** One run's arrivals: another run may have been anchored after the box's clock was set. `videoTrack`
 * is the one that tells the clock. */
export class Arrivals {
  readonly #videoTrack: number;
  #offsetMs: number | undefined;
  #offsetAtMs = 0;
  readonly #lastEndMs = new Map<number, number>();
  #lastAtMs: number | undefined;
  /** What lay in the box's memory comes all at once and says nothing of the rhythm. */
  #caughtUp = false;
  #needs: Need[] = [];

  constructor(videoTrack: number) {
    this.#videoTrack = videoTrack;
  }

  /** The box's wall clock minus the clock of `atMs`; undefined before the first picture. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** Takes a fragment that arrived at `atMs` on the browser's monotonic clock. */
  add(arrival: Arrival, atMs: number): void {
    if (arrival.trackId === this.#videoTrack) this.#readClock(arrival, atMs);
    const before = this.#lastEndMs.get(arrival.trackId);
    this.#lastEndMs.set(arrival.trackId, arrival.endMs);
    if (this.#offsetMs === undefined || before === undefined || !this.#caughtUp) return;
    // Until now nothing later than `before` could be shown.
    this.#needs.push({ atMs, needMs: atMs + this.#offsetMs - before });
    if (this.#needs.length > SAMPLES_MAX) this.#needs = this.#needs.slice(-SAMPLES_MAX / 2);
  }

  /**
   * So far behind the box's clock the playhead never waited, except in a `share` of the cases of the
   * last ten seconds; undefined until there were a few.
   */
  needMs(nowMs: number, share: number): number | undefined {
    this.#needs = this.#needs.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    if (this.#needs.length < 5) return undefined;
    const sorted = this.#needs.map(({ needMs }) => needMs).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - share)))];
  }

  #readClock({ endMs, durationMs }: Arrival, atMs: number): void {
    const seenMs = endMs - atMs;
    const heldMs = (this.#offsetMs ?? -Infinity) - (atMs - this.#offsetAtMs) * CLOCK_DRIFT;
    this.#offsetMs = Math.max(seenMs, heldMs);
    this.#offsetAtMs = atMs;
    this.#caughtUp ||= this.#lastAtMs !== undefined && atMs - this.#lastAtMs > durationMs / 2;
    this.#lastAtMs = atMs;
  }
}
