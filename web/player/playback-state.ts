/** What a page is told of a playback player. */
import type { GapReason } from '../../server/contract/recording.ts';
import type { Trouble } from '../api/call.ts';
import type { BrowserClock } from '../base/clock.ts';
import type { Window } from './playback-window.ts';
import type { PlaybackTrouble } from './playback-words.ts';

/** How the player is. */
export type PlaybackState =
  /** On the way to a moment; the last picture still stands. */
  | { readonly kind: 'opening'; readonly atMs: number }
  | { readonly kind: 'playing' }
  | { readonly kind: 'paused' }
  /** Playing, but the next picture is not here yet. */
  | { readonly kind: 'waiting' }
  /** Everything there is was shown: it is time for the live picture. */
  | { readonly kind: 'at-now' }
  | {
      readonly kind: 'trouble';
      readonly trouble: PlaybackTrouble;
      /** What the box said, where it said something. */
      readonly said: Trouble | undefined;
      /** Where it may go on behind what cannot be played. */
      readonly goOnMs: number | undefined;
    };

/** Time that was jumped over because nothing is kept of it. */
export interface PlaybackHole extends Window {
  readonly reason: GapReason | undefined;
}

/** What a player is given. */
export interface PlaybackOptions {
  readonly cameraId: string;
  readonly clock: BrowserClock;
  /** Stands behind the video, with the same shape: keeps the picture while the video has none. */
  readonly backdrop?: HTMLCanvasElement | undefined;
  readonly onState: (state: PlaybackState) => void;
  /** A hole of at least a second was jumped over. */
  readonly onHole: (hole: PlaybackHole) => void;
}

/** Whether a page would say the same again. */
export function isSameState(before: PlaybackState | undefined, state: PlaybackState): boolean {
  if (before?.kind !== state.kind) return false;
  if (before.kind === 'trouble' && state.kind === 'trouble') {
    return before.trouble === state.trouble && before.goOnMs === state.goOnMs;
  }
  return state.kind !== 'opening';
}

/** What an answer of the box means for the one who watches. */
export function troubleOf({ kind, status }: Trouble): PlaybackTrouble {
  if (kind === 'gone' || kind === 'aborted' || kind === 'cancelled') return 'box-gone';
  if (status === 401) return 'signed-out';
  if (status === 404) return 'camera-gone';
  if (status === 423) return 'locked';
  return 'refused';
}
