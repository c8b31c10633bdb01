/** A link by which somebody comes in, as the owner's page makes it: `/#invitation=…`. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Claimed, InvitationSeen } from '../../server/contract/people.ts';
import { call, type Outcome, type Trouble } from '../api/call.ts';
import { signIn } from './box.ts';

const found = signal('');

/** What the link carries; empty when the address brought none. */
export const invitationSecret: ReadonlySignal<string> = found;

/** Reads it out of an address's fragment. Pure; empty when there is none. */
export function invitationIn(fragment: string): string {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('invitation') ?? '';
}

/** The link of a secret, at the address where this page was loaded. Pure. */
export function linkOf(secret: string, origin: string): string {
  return `${origin}/#invitation=${secret}`;
}

/** Begins to take links out of the address; once, at the start of the page. A fragment never leaves the
 * browser. Going back does not lead to this one; the browser's own list of visited addresses has it, which
 * nothing in a page can prevent, and by then the link is used. */
export function takeInvitations(): void {
  const take = (): void => {
    const secret = invitationIn(location.hash);
    if (secret === '') return;
    found.value = secret;
    history.replaceState(history.state, '', location.pathname + location.search);
  };
  addEventListener('hashchange', take);
  take();
}

/** The page goes on as if there had been no link. */
export function leaveInvitation(): void {
  found.value = '';
}

/** What it is for. */
export function lookAtInvitation(): Promise<Outcome<InvitationSeen>> {
  const body = { secret: found.peek() };
  return call<InvitationSeen>('POST', '/api/invitations/look', { body });
}

/** Comes in, and signs in. */
export async function comeIn(username: string, password: string): Promise<Trouble | undefined> {
  const body = { secret: found.peek(), username, password };
  const outcome = await call<Claimed>('POST', '/api/invitations/claim', { body });
  if (!outcome.ok) return outcome.trouble;
  const refused = await signIn(outcome.value.user, password);
  // Whatever became of that: the link is used.
  leaveInvitation();
  return refused;
}
