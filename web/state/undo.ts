/** Undo rather than ask: what was just done, and the way back, for ten seconds. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { browserClock, type BrowserClock, type Timer } from '../base/clock.ts';

/** Something that can be taken back. */
export interface Undoable {
  /** What was done, e.g. "Garage is switched off." */
  readonly sentence: string;
  readonly undo: () => Promise<void> | void;
}

/** Long enough to read it and to reach the button (experience, rule 11). */
const UNDO_MS = 10_000;

/** What can be taken back at present, the newest only; and the ways to it. */
export interface UndoOffer {
  readonly undoable: ReadonlySignal<Undoable | undefined>;
  /** Offers the way back for ten seconds. */
  readonly offerUndo: (next: Undoable) => void;
  /** Takes the newest step back. */
  readonly takeBack: () => Promise<void>;
  /** The offer is gone, because somebody closed it. */
  readonly forgetUndo: () => void;
}

/** An offer of its own, for tests; the page has one. */
export function createUndoOffer(clock: BrowserClock): UndoOffer {
  const offered = signal<Undoable | undefined>(undefined);
  let timer: Timer | undefined;
  const forgetUndo = (): void => {
    timer?.cancel();
    offered.value = undefined;
  };
  return {
    undoable: offered,
    forgetUndo,
    offerUndo: (next) => {
      timer?.cancel();
      offered.value = next;
      timer = clock.setTimer(UNDO_MS, forgetUndo);
    },
    takeBack: async () => {
      const step = offered.value;
      forgetUndo();
      await step?.undo();
    },
  };
}

/** The page's own. */
export const { undoable, offerUndo, takeBack, forgetUndo } = createUndoOffer(browserClock);
