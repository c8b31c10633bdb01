/** How often, and how soon, a player asks again before it leaves that to a person. Pure. */

/**
 * Before each search for footage that ends without a picture, in milliseconds. A hole is jumped over
 * at once; a box that names footage and then has none is asked five times in 7.5 s, and no more.
 */
const HOP_PAUSES_MS: readonly number[] = [0, 500, 1_000, 2_000, 4_000];

/** A box that was restarted is back in some seconds; who waits looks at the page meanwhile. */
const GONE_FIRST_MS = 3_000;

/** A box that stays away is asked so often: as soon as it is back, the page should be. */
const GONE_MAX_MS = 30_000;

/** An answer that breaks off once is the network's doing; the same one twice is the disk's. */
const BREAKS_FORGIVEN = 1;

/** Counts what was in vain since a picture came, or since a person asked for one. */
export class PlaybackTries {
  #hops = 0;
  #absences = 0;
  #breaks = 0;

  /** A picture came, or a person asked for another. */
  reset(): void {
    this.#hops = 0;
    this.#absences = 0;
    this.#breaks = 0;
  }

  /** How long to wait before looking further on; undefined: that was enough. */
  pauseBeforeHop(): number | undefined {
    this.#hops += 1;
    return HOP_PAUSES_MS[this.#hops - 1];
  }

  /** How long to wait before asking a box that did not answer. It never ends: nobody else would. */
  pauseWhileGone(): number {
    this.#absences += 1;
    return Math.min(GONE_MAX_MS, GONE_FIRST_MS * 2 ** (this.#absences - 1));
  }

  /** Whether to ask again for an entry that broke off while the box answers. */
  forgivesBreak(): boolean {
    this.#breaks += 1;
    return this.#breaks <= BREAKS_FORGIVEN;
  }
}
