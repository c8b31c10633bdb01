/** Programs that have a right, for the owner: which, a new one, ending one. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type {
  AccessToken,
  AccessTokens,
  MadeToken,
  NewToken,
} from '../../server/contract/tokens.ts';
import type { Outcome, Trouble } from '../api/call.ts';
import { ownerCall } from './owner-call.ts';

const list = signal<readonly AccessToken[] | undefined>(undefined);

/** As the box last told; undefined until it has. */
export const programs: ReadonlySignal<readonly AccessToken[] | undefined> = list;

/** Asks now; answers what went wrong, if something did. */
export async function refreshPrograms(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<AccessTokens>('GET', '/api/tokens');
  if (!outcome.ok) return outcome.trouble;
  list.value = outcome.value.tokens;
  return undefined;
}

/** A program gets a right; what it needs for it is in the answer, and nowhere else from then on. */
export async function giveRight(body: NewToken): Promise<Outcome<MadeToken>> {
  const outcome = await ownerCall<MadeToken>('POST', '/api/tokens', { body });
  if (outcome.ok) await refreshPrograms();
  return outcome;
}

/** It has the right no more, at once. */
export async function endRight(id: string): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/tokens/${id}`);
  if (!outcome.ok && outcome.trouble.status !== 404) return outcome.trouble;
  return refreshPrograms();
}
