/** The keys of the page of one camera: what they do, and the words for it. */
import { goTo } from '../state/route.ts';
import { LOCK_KEY, type KeyWords } from './key-list.tsx';
import type { PastControl } from './past-control.ts';
import type { FullScreen } from './use-full-screen.ts';
import { useKeys, type Keys } from './use-keys.ts';
import type { MarkControl } from './use-marks.ts';
import type { ZoomControl } from './zoom-frame.tsx';

/** What one press of a skip button or of an arrow key is. */
export const SKIP_MS = 10_000;

const MINUTE_MS = 60_000;

/** What one press of + enlarges by. */
const ZOOM_STEP = 1.5;

/** What `?` shows. */
export const CAMERA_KEYS: readonly KeyWords[] = [
  { keys: ['Space'], does: 'play or pause' },
  { keys: ['←', '→'], does: '10 seconds back or on' },
  { keys: ['Shift ←', 'Shift →'], does: 'a minute back or on' },
  { keys: [',', '.'], does: 'one picture back or on' },
  { keys: ['L'], does: 'live, now' },
  { keys: ['I', 'O'], does: 'mark from here, to here' },
  { keys: ['E'], does: 'take out what is marked' },
  { keys: ['M'], does: 'sound on or off' },
  { keys: ['F'], does: 'full screen' },
  { keys: ['+', '−', '0'], does: 'larger, smaller, whole picture' },
  { keys: ['P'], does: 'protect what is marked, or what is seen' },
  { keys: ['N', 'B'], does: 'next camera, or the one before' },
  { keys: ['↑', '↓', '←', '→'], does: 'in the list: by hours and minutes' },
  { keys: ['Enter'], does: 'in the list: show that moment' },
  LOCK_KEY,
  { keys: ['Esc'], does: 'back to all cameras' },
  { keys: ['?'], does: 'this list' },
];

/** What the keys reach. */
export interface CameraKeyTargets {
  readonly past: PastControl;
  readonly full: FullScreen;
  readonly zoom: { readonly current: ZoomControl | null };
  readonly marks: MarkControl;
  readonly onNow: () => void;
  readonly onSound: () => void;
  readonly onNeighbour: (direction: 1 | -1) => void;
  readonly onTakeOut: () => void;
  readonly onProtect: () => void;
  readonly onHelp: () => void;
}

/** What a press does where there is no past. */
export type LiveKeyTargets = Pick<
  CameraKeyTargets,
  'full' | 'zoom' | 'onSound' | 'onNeighbour' | 'onHelp'
>;

/** Those of them that are about the picture of now. */
export const LIVE_KEYS: readonly KeyWords[] = CAMERA_KEYS.filter(({ keys }) =>
  ['M', 'F', '+', 'N', 'Esc', '?'].some((key) => keys.includes(key)),
);

/** Listens while the page is shown. */
export function useCameraKeys(targets: CameraKeyTargets): void {
  const { past, marks } = targets;
  const skip = (ms: number) => () => {
    past.skip(ms);
  };
  useKeys({
    ...liveKeys(targets),
    Space: () => {
      past.togglePlay();
    },
    ArrowLeft: skip(-SKIP_MS),
    ArrowRight: skip(SKIP_MS),
    'Shift+ArrowLeft': skip(-MINUTE_MS),
    'Shift+ArrowRight': skip(MINUTE_MS),
    ',': () => {
      past.step(-1);
    },
    '.': () => {
      past.step(1);
    },
    l: targets.onNow,
    i: marks.onFrom,
    o: marks.onTo,
    e: targets.onTakeOut,
    p: targets.onProtect,
  });
}

/** The same for who sees live alone. */
export function useLiveKeys(targets: LiveKeyTargets): void {
  useKeys(liveKeys(targets));
}

function liveKeys({ full, zoom, onSound, onNeighbour, onHelp }: LiveKeyTargets): Keys {
  const enlarge = (factor: number) => () => {
    zoom.current?.by(factor);
  };
  return {
    m: onSound,
    f: full.toggle,
    '+': enlarge(ZOOM_STEP),
    '=': enlarge(ZOOM_STEP),
    '-': enlarge(1 / ZOOM_STEP),
    '0': () => {
      zoom.current?.reset();
    },
    n: () => {
      onNeighbour(1);
    },
    b: () => {
      onNeighbour(-1);
    },
    // The browser itself leaves a full screen; where the page alone is filled, we do.
    Escape: full.isFull ? full.toggle : toWall,
    '?': onHelp,
  };
}

function toWall(): void {
  goTo({ page: 'wall' });
}
