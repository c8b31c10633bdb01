/** Calls that somebody signed in makes: when the box says that nobody is, or that the past is closed,
 * the page shows it. */
import { call, type Outcome } from '../api/call.ts';
import { lookAtRights, noteLocked, wasSignedOut } from './box.ts';

/** RFC 4918 section 11.3. */
const LOCKED = 423;

/** The page offers nothing that it knows to be refused, so somebody's rights are others by now. */
const FORBIDDEN = 403;

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
  if (!outcome.ok && outcome.trouble.status === LOCKED) noteLocked(true);
  if (!outcome.ok && outcome.trouble.status === FORBIDDEN) void lookAtRights();
  return outcome;
}
