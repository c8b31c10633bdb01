/** Measures a stream from its own media times: frames per second and key-frame interval. Pure. */
import { ticksToMs } from '../base/time.ts';
import type { Fragment } from '../fmp4/fragment.ts';

/** What has been measured so far; undefined while too little came to tell. */
export interface Measured {
  readonly framesPerSecond: number | undefined;
  /** Longest distance between two key frames seen, in ms. */
  readonly keyFrameIntervalMs: number | undefined;
}

/** Frames over which the rate is taken: 2 s at 15 fps; enough to even out a camera's jitter. */
const RATE_WINDOW_FRAMES = 30;

/** Two intervals make a rate that is better than a guess. */
const RATE_MIN_FRAMES = 3;

/** Feed it every video fragment of one run. */
export class StreamMeter {
  readonly #timescale: number;
  readonly #timesTicks: number[] = [];
  #lastKeyTicks: number | undefined;
  #longestKeyTicks = 0;
  keyFrames = 0;

  constructor(timescale: number) {
    this.#timescale = timescale;
  }

  add(fragment: Fragment): void {
    let at = fragment.decodeTimeTicks;
    for (const sample of fragment.samples) {
      if (sample.sync) this.#key(at);
      this.#timesTicks.push(at);
      at += sample.durationTicks;
    }
    const excess = this.#timesTicks.length - RATE_WINDOW_FRAMES;
    if (excess > 0) this.#timesTicks.splice(0, excess);
  }

  measured(): Measured {
    const first = this.#timesTicks[0];
    const last = this.#timesTicks.at(-1);
    const frames = this.#timesTicks.length - 1;
    const spanMs =
      first === undefined || last === undefined ? 0 : ticksToMs(last - first, this.#timescale);
    return {
      framesPerSecond:
        frames + 1 < RATE_MIN_FRAMES || spanMs <= 0
          ? undefined
          : Math.round((frames * 100_000) / spanMs) / 100,
      keyFrameIntervalMs:
        this.#longestKeyTicks === 0
          ? undefined
          : Math.round(ticksToMs(this.#longestKeyTicks, this.#timescale)),
    };
  }

  #key(atTicks: number): void {
    this.keyFrames += 1;
    if (this.#lastKeyTicks !== undefined) {
      this.#longestKeyTicks = Math.max(this.#longestKeyTicks, atTicks - this.#lastKeyTicks);
    }
    this.#lastKeyTicks = atTicks;
  }
}
