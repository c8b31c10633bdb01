/** The household's key: who can use it, and how it is replaced or a lost password with it. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { KeptPhone, KeyHolders, NewKey, Recovery } from '../../server/contract/keys.ts';
import type { PasswordAgain } from '../../server/contract/session.ts';
import { call, type Trouble } from '../api/call.ts';
import { userName, wasRecovered } from './box.ts';
import { keptPhone, noteKept } from './kept-phone.ts';
import { isLocked, unlock } from './lock.ts';
import { ownerCall } from './owner-call.ts';
import { showSheet } from './recovery-sheet.ts';
import { offerUndo } from './undo.ts';

const current = signal<KeyHolders | undefined>(undefined);

/** As the box last told; undefined until it has. */
export const keyHolders: ReadonlySignal<KeyHolders | undefined> = current;

/** Asks now; answers what went wrong, if something did. */
export async function refreshKeys(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<KeyHolders>('GET', '/api/keys');
  if (!outcome.ok) return outcome.trouble;
  current.value = outcome.value;
  return undefined;
}

/** Keeps a phone unlocked no longer, and offers the way back; what it has open is locked. `onTrouble` is
 * told when the way back fails. */
export async function forgetPhone(
  phone: Pick<KeptPhone, 'id' | 'name'>,
  onTrouble: (trouble: Trouble | undefined) => void,
): Promise<Trouble | undefined> {
  const { id, name } = phone;
  const isThis = id === keptPhone.peek();
  const outcome = await ownerCall<undefined>('DELETE', `/api/keys/phones/${id}`);
  // Gone already is as good.
  if (!outcome.ok && outcome.trouble.status !== 404) return outcome.trouble;
  if (isThis) noteKept(undefined);
  if (outcome.ok) {
    offerUndo({
      sentence: `${name} asks for the password again.`,
      undo: async () => {
        onTrouble(await bringBackPhone(id, isThis));
      },
    });
  }
  return refreshKeys();
}

/** It is kept after all; it opens the past with one press. */
async function bringBackPhone(id: string, isThis: boolean): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('POST', `/api/keys/phones/${id}`);
  if (!outcome.ok) return outcome.trouble;
  if (isThis) noteKept(id);
  return refreshKeys();
}

/** New key, then its sheet. The old one has to be open for it, which the same password does. */
export async function makeNewKey(password: string): Promise<Trouble | undefined> {
  const closed = isLocked.peek() ? await unlock(password) : undefined;
  if (closed !== undefined) return closed;
  const body: PasswordAgain = { password };
  const outcome = await ownerCall<NewKey>('POST', '/api/keys', { body });
  if (!outcome.ok) return outcome.trouble;
  // No phone is kept beyond a new key.
  noteKept(undefined);
  showSheet({ key: outcome.value.recoveryKey, user: userName.peek(), why: 'new-key' });
  return undefined;
}

/** Sets a new password with the recovery key; afterwards one signs in with it. */
export async function recover(body: Recovery): Promise<Trouble | undefined> {
  const outcome = await call<undefined>('POST', '/api/recovery', { body });
  if (!outcome.ok) return outcome.trouble;
  wasRecovered();
  return undefined;
}
