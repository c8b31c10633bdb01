/** What plays a playlist in one `<video>`; two of them exist. */
import type { PlaybackTimeline } from './playback-timeline.ts';

/** Why an engine cannot go on. */
export type EngineTrouble =
  /** The browser cannot decode what the camera sends. */
  | 'unplayable'
  /** The box does not answer in time: `retry` goes on where this was. */
  | 'box-gone'
  /** An answer did not come, or not to its end: the box is gone, or cannot read its disk. */
  | 'broken-off'
  /** It answers that nobody is signed in. */
  | 'signed-out'
  /** The footage was locked. */
  | 'locked'
  /** What the playlist names is not there any more. */
  | 'footage-gone'
  /** What came is damaged. */
  | 'damaged';

/** What is to be played. */
export interface EngineSource {
  /** Where the playlist came from: its addresses are relative to this. */
  readonly url: string;
  readonly text: string;
  /** The engine aligns it with what it finds in the media. */
  readonly timeline: PlaybackTimeline;
  /** Player's time to begin at. */
  readonly startS: number;
}

/** What an engine tells. */
export interface EngineEvents {
  /** The timeline was aligned: a moment that is being looked for may be elsewhere now. */
  readonly onAligned: () => void;
  /**
   * It cannot go on; whoever made it closes it, but for `box-gone` and `broken-off`. May be said
   * again. `behindS`: player's time at which the next file begins, where one that is known to be bad
   * ends.
   */
  readonly onTrouble: (trouble: EngineTrouble, behindS?: number) => void;
}

/** A playlist being played. */
export interface PlaybackEngine {
  /** Asks for what did not come. */
  retry(): void;
  /** Lets go of the video. Idempotent. */
  close(): void;
}
