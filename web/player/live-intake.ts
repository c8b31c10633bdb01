/**
 * From the messages of one connection to runs and fragments with their places in time. What comes all
 * at once (the GOP in the box's memory) is held until it is there, so that the playhead can go
 * straight to its end.
 */
import type { LiveInit, LiveMessage } from '../../server/contract/live.ts';
import type { BrowserClock, Timer } from '../base/clock.ts';
import {
  type FragmentTimes,
  readFragmentTimes,
  readTracks,
  type Tracks,
  VIDEO_TRACK,
} from './fragment-times.ts';
import { Arrivals } from './live-arrivals.ts';

/** A fragment; times on the box's wall clock. */
export interface PlacedFragment {
  readonly bytes: Uint8Array;
  readonly trackId: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly key: boolean;
}

/** A run with what of it is there already. */
export interface IntakeRun {
  readonly init: LiveInit;
  readonly segment: Uint8Array;
  readonly tracks: Tracks;
  readonly fragments: readonly PlacedFragment[];
}

/** What an intake tells. */
export interface IntakeEvents {
  onRun(run: IntakeRun): void;
  /** Of the newest run. */
  onFragment(fragment: PlacedFragment): void;
  /** What the box sent does not read: the connection has to begin anew. */
  onBroken(why: string): void;
}

/** So long nothing must come for what was in memory to be all there: less than the time between two
 * pictures at 30 a second, more than between two messages that were sent together. */
const QUIET_MS = 15;

/** Somebody waits for the first picture: on a slow network it begins before all is there. */
const HOLD_MAX_MS = 60;

/** Larger than the largest GOP in the box's memory (`GOP_MAX_BYTES` of server/ingest/hub). */
const HELD_MAX_BYTES = 48 * 1024 * 1024;

/** A connection's; a new one for each. */
export class LiveIntake {
  #arrivals = new Arrivals(VIDEO_TRACK);
  readonly #clock: BrowserClock;
  readonly #events: IntakeEvents;
  #init: LiveInit | undefined;
  #segment: Uint8Array | undefined;
  #tracks: Tracks | undefined;
  #held: PlacedFragment[] | undefined;
  #heldBytes = 0;
  #heldSinceMs = 0;
  #timer: Timer | undefined;

  constructor(clock: BrowserClock, events: IntakeEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** Of the newest run. */
  get arrivals(): Arrivals {
    return this.#arrivals;
  }

  close(): void {
    this.#timer?.cancel();
    this.#held = undefined;
  }

  /** A text message. */
  onText(message: LiveMessage): void {
    if (message.type !== 'init') return;
    // A run that ended before it was handed on is not worth showing.
    this.#timer?.cancel();
    this.#init = message;
    this.#segment = undefined;
    this.#tracks = undefined;
    this.#held = [];
    this.#heldBytes = 0;
    this.#arrivals = new Arrivals(VIDEO_TRACK);
  }

  /** A binary message: the init segment, then fragments. */
  onMedia(buffer: ArrayBuffer): void {
    const bytes = new Uint8Array(buffer);
    const init = this.#init;
    if (init === undefined) return;
    if (this.#tracks === undefined) {
      this.#tracks = readTracks(bytes);
      this.#segment = bytes;
      if (this.#tracks === undefined) this.#events.onBroken('an init segment without tracks');
      return;
    }
    const times = readFragmentTimes(bytes, this.#tracks);
    if (times === undefined) {
      this.#events.onBroken('a fragment that does not read');
      return;
    }
    const fragment = placed(bytes, times, init.epochMs);
    const nowMs = this.#clock.monotonicMs();
    this.#arrivals.add({ ...fragment, durationMs: times.durationMs }, nowMs);
    if (this.#held === undefined) this.#events.onFragment(fragment);
    else this.#hold(this.#held, fragment, nowMs);
  }

  #hold(held: PlacedFragment[], fragment: PlacedFragment, nowMs: number): void {
    if (held.length === 0) this.#heldSinceMs = nowMs;
    held.push(fragment);
    this.#heldBytes += fragment.bytes.byteLength;
    this.#timer?.cancel();
    const leftMs = this.#heldSinceMs + HOLD_MAX_MS - nowMs;
    if (leftMs <= 0 || this.#heldBytes > HELD_MAX_BYTES) this.#release();
    else {
      this.#timer = this.#clock.setTimer(Math.min(QUIET_MS, leftMs), () => {
        this.#release();
      });
    }
  }

  #release(): void {
    const [init, segment, tracks] = [this.#init, this.#segment, this.#tracks];
    const fragments = this.#held;
    if (init === undefined || segment === undefined || tracks === undefined) return;
    if (fragments === undefined) return;
    this.#held = undefined;
    this.#events.onRun({ init, segment, tracks, fragments });
  }
}

function placed(bytes: Uint8Array, times: FragmentTimes, epochMs: number): PlacedFragment {
  const startMs = epochMs + times.startMs;
  const { trackId, key, durationMs } = times;
  return { bytes, trackId, startMs, endMs: startMs + durationMs, key };
}
