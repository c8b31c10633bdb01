/** Which Doorkeep the box runs, as it tells who is signed in. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Program } from '../../server/contract/program.ts';
import { ownerCall } from './owner-call.ts';

const current = signal<Program | undefined>(undefined);

/** Undefined until the box has told; it is a line of small print, so nothing is said when it does not. */
export const program: ReadonlySignal<Program | undefined> = current;

/** Asks, where nobody has yet: it is the same until the box starts anew. */
export async function askProgram(): Promise<void> {
  if (current.peek() !== undefined) return;
  const outcome = await ownerCall<Program>('GET', '/api/program');
  if (outcome.ok) current.value = outcome.value;
}
