/** What plays a playlist in one `<video>`; two of them exist. */
import type { PlaybackTimeline } from './playback-timeline.ts';

/** Why an engine cannot go on. */
export type EngineTrouble =
  /** The browser cannot decode what the camera sends. */
  | 'unplayable'
  /** The box does not answer: `retry` goes on where this was. */
  | 'box-gone'
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
  /** It cannot go on; whoever made it closes it, but for `box-gone`. May be said again. */
  readonly onTrouble: (trouble: EngineTrouble) => void;
}

/** A playlist being played. */
export interface PlaybackEngine {
  /** Asks for what did not come. */
  retry(): void;
  /** Lets go of the video. Idempotent. */
  close(): void;
}
