/** Calls that somebody signed in makes: when the box says that nobody is, the page asks for it. */
import { call, type Outcome } from '../api/call.ts';
import { wasSignedOut } from './box.ts';

/** Like `call`. A wrong password typed again is a 401 too, and no reason to sign in anew. */
export async function ownerCall<T>(...args: Parameters<typeof call>): Promise<Outcome<T>> {
  const outcome = await call<T>(...args);
  if (
    !outcome.ok &&
    outcome.trouble.status === 401 &&
    outcome.trouble.reason !== 'wrong-password'
  ) {
    wasSignedOut();
  }
  return outcome;
}
