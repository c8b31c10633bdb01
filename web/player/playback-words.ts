/** What a playing picture says for itself: what happened, and what to do. Pure but for the zone. */
import type { GapReason } from '../../server/contract/recording.ts';
import { gapWords } from '../timeline/gap-words.ts';
import { LOCKED } from '../words/lock-words.ts';
import { clockTime, dayName, exactTime, startOfDay } from '../words/time-words.ts';

/** Why nothing is played. A closed list; every one has words. */
export type PlaybackTrouble =
  | 'camera-gone'
  | 'box-gone'
  | 'signed-out'
  | 'locked'
  | 'footage-gone'
  | 'damaged'
  | 'unplayable'
  /** This browser has no way to play anything of ours. */
  | 'no-player'
  /** The box said something else. */
  | 'refused';

/** A first line, and the way out. */
export interface PlaybackWords {
  readonly sentence: string;
  readonly hint: string;
}

const TROUBLE_WORDS: Readonly<Record<PlaybackTrouble, PlaybackWords>> = {
  'camera-gone': {
    sentence: 'This camera was removed, and its footage with it.',
    hint: 'Go back to the wall.',
  },
  'box-gone': {
    sentence: 'Doorkeep does not answer.',
    hint: 'Is the box on, and is this on the home network? It goes on by itself.',
  },
  'signed-out': { sentence: 'Nobody is signed in here any more.', hint: 'Sign in again.' },
  locked: {
    sentence: LOCKED,
    hint: 'Unlock with your password.',
  },
  'footage-gone': {
    sentence: 'This footage is not kept any more.',
    hint: 'It was deleted, to make room or by somebody at the box. Later footage may be there.',
  },
  damaged: {
    sentence: 'This piece of footage cannot be read.',
    hint: 'What comes behind it may be whole. The log of the box says which file it is.',
  },
  unplayable: {
    sentence: 'This browser cannot show the pictures of this camera.',
    hint: 'Another browser may (Safari, Edge), and every exported file opens in VLC. Setting the camera to H.264 helps from then on.',
  },
  'no-player': {
    sentence: 'This browser is too old to play footage.',
    hint: 'Use a newer browser, or export the piece you want to see.',
  },
  refused: { sentence: 'Doorkeep did not play this.', hint: 'Load the page again.' },
};

/** The words for a trouble. */
export function troubleWords(trouble: PlaybackTrouble): PlaybackWords {
  return TROUBLE_WORDS[trouble];
}

/** What a hole is read beside: times without a day are taken for times of the day that is listed. */
export interface HoleBeside {
  readonly cameraName: string;
  /** Any moment of the listed day. */
  readonly dayMs: number;
  readonly nowMs: number;
}

/** "Nothing is kept from 14:02 to 14:10. Porch did not answer: …"; with days where they are not the
 * listed one: "… from Friday 20 November, 20:44 to today, 20:17." */
export function skipWords(
  hole: { readonly fromMs: number; readonly toMs: number; readonly reason: GapReason | undefined },
  { cameraName, dayMs, nowMs }: HoleBeside,
): string {
  const { fromMs, toMs, reason } = hole;
  const timeOf = toMs - fromMs < SHORT_HOLE_MS ? exactTime : clockTime;
  const dayOf = (ms: number): string => {
    const day = dayName(ms, nowMs);
    // Within a sentence; names of weekdays keep their capital.
    return /^(Today|Yesterday)$/.test(day) ? day.toLowerCase() : day;
  };
  const isOneDay = startOfDay(fromMs) === startOfDay(toMs);
  const isListed = isOneDay && startOfDay(fromMs) === startOfDay(dayMs);
  const from = isListed ? timeOf(fromMs) : `${dayOf(fromMs)}, ${timeOf(fromMs)}`;
  const to = isOneDay ? timeOf(toMs) : `${dayOf(toMs)}, ${timeOf(toMs)}`;
  const why = reason === undefined ? '' : ` ${gapWords(reason, cameraName)}`;
  return `Nothing is kept from ${from} to ${to}.${why}`;
}

/** Of a shorter hole the minutes would be the same at both ends. */
const SHORT_HOLE_MS = 2 * 60_000;
