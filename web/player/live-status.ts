/** What a live picture is at the moment: one of a closed list. Pure: times are arguments. */
import type { CameraState, CameraStateReason } from '../../server/contract/camera.ts';
import type { LinkState } from './live-feed-messages.ts';

/** See the head of this file. */
export type LiveStatus =
  /** `long`: somebody has waited over a second and is told for what. */
  | {
      readonly at: 'connecting';
      readonly waitsFor: 'box' | 'room' | 'picture';
      readonly long: boolean;
    }
  | { readonly at: 'live' }
  /** The picture moves, so many seconds behind. */
  | { readonly at: 'late'; readonly behindS: number }
  /** No new picture, and nobody says why. */
  | { readonly at: 'frozen' }
  /** The camera has a reason, in the box's words. */
  | {
      readonly at: 'waiting';
      readonly state: CameraState;
      readonly reason: CameraStateReason | undefined;
    }
  /** The box does not answer. */
  | { readonly at: 'gone' }
  /** A still picture each second: this browser has nothing better. */
  | { readonly at: 'stills' }
  /** This browser cannot decode what the camera sends. `format`: H.265, for example. */
  | { readonly at: 'unplayable'; readonly format: string }
  /** The browser starts no picture by itself. */
  | { readonly at: 'refused' }
  | { readonly at: 'ended'; readonly why: 'signed-out' | 'removed' };

/** What is known at a look. Milliseconds of the page's monotonic clock unless said. */
export interface LiveFacts {
  readonly nowMs: number;
  /** Since when somebody waits for a picture. */
  readonly sinceMs: number;
  readonly link: LinkState;
  readonly condition:
    { readonly state: CameraState; readonly reason: CameraStateReason | undefined } | undefined;
  /** When a new picture was last seen since `sinceMs`. */
  readonly newPictureMs: number | undefined;
  /** From one picture to the next, as the camera sends them. */
  readonly frameMs: number;
  /** The box's clock minus the time of the picture that is shown. */
  readonly lagMs: number;
  /** Only stills can be shown. */
  readonly stills: boolean;
  readonly unplayable: string | undefined;
  readonly refused: boolean;
  readonly ended: 'signed-out' | 'removed' | undefined;
}

/** A new picture that is older than this is not called live without a word (experience, rule 3). */
const LATE_MS = 2_000;

/** With the two looks around it (live-ticker.ts) a frozen picture is grey before it has stood for 2 s. */
const FROZEN_MS = 1_400;

/** A camera of one picture in two seconds is not frozen all the time. */
const FROZEN_FRAMES = 2.5;
const FROZEN_MAX_MS = 10_000;

/** After so long a wait words say what for (experience, rule 2). */
const LONG_MS = 1_000;

/** See `LiveStatus`; the weightiest reason first. */
export function liveStatus(facts: LiveFacts): LiveStatus {
  if (facts.ended !== undefined) return { at: 'ended', why: facts.ended };
  if (facts.unplayable !== undefined) return { at: 'unplayable', format: facts.unplayable };
  if (isFresh(facts)) {
    if (facts.stills) return { at: 'stills' };
    const behindS = Math.round(facts.lagMs / 1_000);
    return facts.lagMs > LATE_MS ? { at: 'late', behindS } : { at: 'live' };
  }
  const { condition, link } = facts;
  if (link === 'gone') return { at: 'gone' };
  if (condition !== undefined && condition.state !== 'online')
    return { at: 'waiting', ...condition };
  if (facts.refused) return { at: 'refused' };
  if (facts.newPictureMs !== undefined) return { at: 'frozen' };
  const waitsFor = link === 'open' ? 'picture' : link === 'busy' ? 'room' : 'box';
  return { at: 'connecting', waitsFor, long: facts.nowMs - facts.sinceMs > LONG_MS };
}

/** A picture of so many milliseconds ago never looks live: the page shows it grey. `ageMs` is of the
 * picture that stands, undefined without one. */
export function isGrey(status: LiveStatus, ageMs: number | undefined): boolean {
  if (ageMs === undefined || status.at === 'live') return false;
  switch (status.at) {
    case 'stills':
    case 'unplayable':
    case 'connecting':
      return ageMs > LATE_MS;
    default:
      return true;
  }
}

function isFresh({ nowMs, newPictureMs, frameMs }: LiveFacts): boolean {
  if (newPictureMs === undefined) return false;
  const patienceMs = Math.min(FROZEN_MAX_MS, Math.max(FROZEN_MS, frameMs * FROZEN_FRAMES));
  return nowMs - newPictureMs <= patienceMs;
}
