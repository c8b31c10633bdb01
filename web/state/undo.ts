/** Undo rather than ask: what was just done, and the way back, for ten seconds. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { browserClock, type Timer } from '../base/clock.ts';

/** Something that can be taken back. */
export interface Undoable {
  /** What was done, e.g. "Garage is switched off." */
  readonly sentence: string;
  readonly undo: () => Promise<void> | void;
}

/** Long enough to read it and to reach the button (experience, rule 11). */
const UNDO_MS = 10_000;

const offered = signal<Undoable | undefined>(undefined);
let timer: Timer | undefined;

/** What can be taken back at present; the newest only. */
export const undoable: ReadonlySignal<Undoable | undefined> = offered;

/** Offers the way back for ten seconds. */
export function offerUndo(next: Undoable): void {
  timer?.cancel();
  offered.value = next;
  timer = browserClock.setTimer(UNDO_MS, () => {
    offered.value = undefined;
  });
}

/** Takes the newest step back. */
export async function takeBack(): Promise<void> {
  const step = offered.value;
  timer?.cancel();
  offered.value = undefined;
  await step?.undo();
}

/** The offer is gone, because somebody closed it. */
export function forgetUndo(): void {
  timer?.cancel();
  offered.value = undefined;
}
