/** The own password, changed by whoever is signed in. */
import type { PasswordChange } from '../../server/contract/session.ts';
import type { Trouble } from '../api/call.ts';
import { noteKept } from './kept-phone.ts';
import { ownerCall } from './owner-call.ts';

/** From then on the new one counts, and nobody is signed in as this person anywhere else. */
export async function changePassword(
  password: string,
  newPassword: string,
): Promise<Trouble | undefined> {
  const body: PasswordChange = { password, newPassword };
  const outcome = await ownerCall<undefined>('POST', '/api/session/password', { body });
  if (!outcome.ok) return outcome.trouble;
  // No phone of theirs is kept beyond it.
  noteKept(undefined);
  return undefined;
}
