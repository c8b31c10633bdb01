/** What a player and its feed tell each other; the feed may live in a worker. */
import type { CameraState, CameraStateReason } from '../../server/contract/camera.ts';
import type { StreamName } from '../../server/contract/live.ts';

/** What is to be shown and heard. */
export interface FeedRequest {
  readonly cameraId: string;
  readonly stream: StreamName;
  readonly sound: boolean;
}

/** What a player asks of its feed. */
export type FeedOrder =
  /** Connects, or changes over to another stream once that has a picture. */
  | { readonly type: 'play'; readonly request: FeedRequest }
  /** Hangs up; what is buffered stays. */
  | { readonly type: 'pause' };

/** Where what has arrived lies; all times on the box's wall clock. */
export interface FeedProgress {
  /** End of the newest picture. */
  readonly edgeMs: number;
  /** The box's clock minus the page's monotonic clock. */
  readonly offsetMs: number;
  /** See `Arrivals.needMs`; undefined while too little has arrived. */
  readonly needMs: number | undefined;
  /** From one picture to the next. */
  readonly frameMs: number;
}

/** What a feed tells its player, in order. */
export type FeedNews =
  /** Put this into the `<video>`. */
  | { readonly type: 'source'; readonly source: MediaSourceHandle | MediaSource }
  /** Another run begins at `startMs` and is in the buffer up to its edge: go there. `zeroMs`: where
   * the timeline of the source begins. */
  | {
      readonly type: 'run';
      readonly zeroMs: number;
      readonly startMs: number;
      readonly stream: StreamName;
      readonly width: number;
      /** It has sound, and sound was asked for. */
      readonly sound: boolean;
      readonly progress: FeedProgress;
    }
  /** Twice a second while something comes. */
  | { readonly type: 'progress'; readonly progress: FeedProgress }
  /** How the camera is, in the box's words. */
  | {
      readonly type: 'condition';
      readonly state: CameraState;
      readonly reason: CameraStateReason | undefined;
    }
  /** `gone`: the box did not answer; it is asked again. */
  | { readonly type: 'link'; readonly link: LinkState }
  /** It will not come back by itself. */
  | { readonly type: 'ended'; readonly why: 'signed-out' | 'removed' }
  /** This browser cannot decode what comes; the feed has hung up. */
  | { readonly type: 'unplayable'; readonly stream: StreamName; readonly codecs: string }
  /** The buffer cannot be gone on with: a new feed has to be made. The feed is over. */
  | { readonly type: 'broken'; readonly why: string };

/** How the connection to the box is. */
export type LinkState = 'connecting' | 'open' | 'busy' | 'gone';
