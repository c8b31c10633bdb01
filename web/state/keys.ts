/** The household's key: who can use it, and how it is replaced or a lost password with it. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { KeyHolders, NewKey, Recovery } from '../../server/contract/keys.ts';
import type { PasswordAgain } from '../../server/contract/session.ts';
import { call, type Trouble } from '../api/call.ts';
import { userName, wasRecovered } from './box.ts';
import { keptPhone, noteKept } from './kept-phone.ts';
import { isLocked, unlock } from './lock.ts';
import { ownerCall } from './owner-call.ts';
import { showSheet } from './recovery-sheet.ts';

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

/** Keeps a phone unlocked no longer; what it has open is locked. */
export async function forgetPhone(id: string): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/keys/phones/${id}`);
  // Gone already is as good.
  if (!outcome.ok && outcome.trouble.status !== 404) return outcome.trouble;
  if (id === keptPhone.peek()) noteKept(undefined);
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
