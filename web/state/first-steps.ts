/** What the household tried after set-up, as the box last told; for the owner alone. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type {
  FirstStep,
  FirstStepId,
  FirstStepPatch,
  FirstSteps,
} from '../../server/contract/first-steps.ts';
import type { Trouble } from '../api/call.ts';
import { FIRST_STEP_WORDS } from '../words/first-step-words.ts';
import { ownerCall } from './owner-call.ts';
import { offerUndo } from './undo.ts';

const current = signal<readonly FirstStep[] | undefined>(undefined);

/** All of them, in their order; undefined until the box has told. */
export const firstSteps: ReadonlySignal<readonly FirstStep[] | undefined> = current;

/** Asks now; answers what went wrong, if something did. */
export async function refreshFirstSteps(): Promise<Trouble | undefined> {
  return keep(await ownerCall<FirstSteps>('GET', '/api/first-steps'));
}

/** It was tried, and ended with something that was seen. */
export function noteTried(step: FirstStepId): Promise<Trouble | undefined> {
  return change({ step, state: 'tried' });
}

/** Its card leaves the wall; the settings still lead to it. `onTrouble` hears of the way back, too. */
export async function putAway(
  step: FirstStepId,
  onTrouble: (trouble: Trouble | undefined) => void,
): Promise<void> {
  const refused = await change({ step, state: 'put-away' });
  onTrouble(refused);
  if (refused !== undefined) return;
  offerUndo({
    sentence: `${FIRST_STEP_WORDS[step].title} is put away.`,
    undo: async () => {
      onTrouble(await change({ step, state: 'open' }));
    },
  });
}

async function change(body: FirstStepPatch): Promise<Trouble | undefined> {
  return keep(await ownerCall<FirstSteps>('PATCH', '/api/first-steps', { body }));
}

function keep(outcome: Awaited<ReturnType<typeof ownerCall<FirstSteps>>>): Trouble | undefined {
  if (!outcome.ok) return outcome.trouble;
  current.value = outcome.value.steps;
  return undefined;
}
