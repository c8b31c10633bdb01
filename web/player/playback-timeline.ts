/**
 * A playlist of the box as a map between the wall clock and a player's own time. A player plays
 * stretch after stretch without a pause, so its time runs on where the clock jumps. Pure.
 */

/** Footage of one run without a hole: within it, both times advance alike. */
export interface Stretch {
  /** First picture, epoch milliseconds. */
  readonly fromMs: number;
  /** Behind the last picture. */
  readonly toMs: number;
  /** Wall clock at decode time zero of its media. */
  readonly anchorMs: number;
  /** Its first entry among those of the playlist, from 0. */
  readonly firstEntry: number;
}

/** A stretch and its place on the player's time. */
interface Placed extends Stretch {
  /** Player's time of its first picture, in seconds. */
  startS: number;
}

/** Where a moment is found. */
export interface Place {
  /** Index of its stretch. */
  readonly stretch: number;
  /** The moment itself, or the first one behind it that was recorded. */
  readonly epochMs: number;
  /** Player's time. */
  readonly mediaS: number;
}

/** See the head of this file. */
export class PlaybackTimeline {
  readonly #stretches: readonly Placed[];

  constructor(stretches: readonly (Stretch & { readonly startS: number })[]) {
    this.#stretches = stretches.map((stretch) => ({ ...stretch }));
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Begin and end of all of it. */
  get fromMs(): number {
    return this.#stretches[0]?.fromMs ?? 0;
  }

  get toMs(): number {
    return this.#stretches.at(-1)?.toMs ?? 0;
  }

  /**
   * A player found out where the first picture of a stretch really is on its time: sound that is
   * recorded in front of it, or a rounding, moves it by some tenths of a second.
   */
  align(stretch: number, startS: number): void {
    const placed = this.#stretches[stretch];
    if (placed !== undefined) placed.startS = startS;
  }

  /** Player's time of the first picture of a stretch, in seconds. */
  startOf(stretch: number): number {
    return this.#stretches[stretch]?.startS ?? 0;
  }

  /** Where to play a moment; undefined behind the end. */
  placeOf(epochMs: number): Place | undefined {
    const index = this.#stretches.findIndex((stretch) => epochMs < stretch.toMs);
    const stretch = this.#stretches[index];
    if (stretch === undefined) return undefined;
    const foundMs = Math.max(epochMs, stretch.fromMs);
    const mediaS = stretch.startS + (foundMs - stretch.fromMs) / 1000;
    return { stretch: index, epochMs: foundMs, mediaS };
  }

  /** Which moment a player shows; times outside are drawn to the nearest end. */
  at(mediaS: number): Place {
    const index = Math.max(
      this.#stretches.findLastIndex((stretch) => stretch.startS <= mediaS + ROUNDING_S),
      0,
    );
    const stretch = this.#stretches[index];
    if (stretch === undefined) return { stretch: 0, epochMs: 0, mediaS };
    const epochMs = stretch.fromMs + (mediaS - stretch.startS) * 1000;
    const within = Math.min(Math.max(epochMs, stretch.fromMs), stretch.toMs);
    return { stretch: index, epochMs: within, mediaS };
  }
}

/** A player's time is a sum of doubles and its seeks are rounded to microseconds; no frame is as
 * short as this. */
const ROUNDING_S = 0.001;
