/**
 * A recovery sheet that waits to be printed, saved or copied: in the memory of this page and nowhere
 * else. The box does not have it again; New key makes another one.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

/** Why there is one: the box was set up, its household got a key later, or somebody wanted a new one. */
export type SheetWhy = 'set-up' | 'sealed-now' | 'new-key';

/** See the head of this file. */
export interface RecoverySheet {
  readonly key: string;
  readonly user: string;
  readonly why: SheetWhy;
}

const shown = signal<RecoverySheet | undefined>(undefined);

/** What has to be put away before anything else is done; mostly nothing. */
export const recoverySheet: ReadonlySignal<RecoverySheet | undefined> = shown;

/** Shows it, whatever page is open. */
export function showSheet(sheet: RecoverySheet): void {
  shown.value = sheet;
}

/** Its owner has it now, so the page forgets it. */
export function putSheetAway(): void {
  shown.value = undefined;
}

/** Begins to hold back whoever leaves the page while a sheet is on it; once, at its start. */
export function guardSheet(): void {
  addEventListener('beforeunload', (event) => {
    if (shown.value !== undefined) event.preventDefault();
  });
}
