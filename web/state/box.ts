/** What the page knows of the box and of who is signed in: decides which page may be shown. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Health } from '../../server/contract/health.ts';
import type { Session, SignedIn } from '../../server/contract/session.ts';
import { call, type Trouble } from '../api/call.ts';
import { showSheet } from './recovery-sheet.ts';

/** Why somebody has to sign in: nobody was yet, they left on purpose, it ended elsewhere, a lost password
 * was replaced, or a backup was put back. */
export type SignInWhy = 'first' | 'left' | 'ended' | 'recovered' | 'restored';

/** `gone`: the box did not answer the first time; the page tries again by itself. */
export type BoxState =
  | { readonly at: 'loading' }
  | { readonly at: 'gone'; readonly trouble: Trouble }
  | { readonly at: 'set-up' }
  | { readonly at: 'sign-in'; readonly why: SignInWhy }
  /** Somebody has lost the password, and has the recovery sheet. */
  | { readonly at: 'recovery' }
  | { readonly at: 'ready'; readonly session: Session };

const current = signal<BoxState>({ at: 'loading' });

/** See `BoxState`. */
export const box: ReadonlySignal<BoxState> = current;

/** The name of who is signed in here; empty while nobody is. */
export const userName: ReadonlySignal<string> = computed(() =>
  current.value.at === 'ready' ? current.value.session.user : '',
);

const shownVersion = signal('');

/** The version of Doorkeep on the box; empty until it has answered. */
export const version: ReadonlySignal<string> = shownVersion;

/** Asks the box who it is and who is signed in here. */
export async function look(): Promise<void> {
  const health = await call<Health>('GET', '/api/health');
  if (!health.ok) {
    current.value = { at: 'gone', trouble: health.trouble };
    return;
  }
  shownVersion.value = health.value.version;
  if (!health.value.setUp) {
    current.value = { at: 'set-up' };
    return;
  }
  const session = await call<Session>('GET', '/api/session');
  current.value = session.ok
    ? { at: 'ready', session: session.value }
    : session.trouble.status === 401
      ? { at: 'sign-in', why: 'first' }
      : { at: 'gone', trouble: session.trouble };
}

/** Signs in; answers what went wrong, if something did. The place in the page is kept. */
export async function signIn(username: string, password: string): Promise<Trouble | undefined> {
  const outcome = await call<SignedIn>('POST', '/api/session', {
    body: { username, password },
  });
  if (!outcome.ok) return outcome.trouble;
  const { recoveryKey, ...session } = outcome.value;
  if (recoveryKey !== undefined) {
    showSheet({ key: recoveryKey, user: session.user, why: 'sealed-now' });
  }
  current.value = { at: 'ready', session };
  return undefined;
}

/** Signs out. */
export async function signOut(): Promise<Trouble | undefined> {
  const outcome = await call<undefined>('DELETE', '/api/session');
  if (!outcome.ok && outcome.trouble.status !== 401) return outcome.trouble;
  current.value = { at: 'sign-in', why: 'left' };
  return undefined;
}

/** Makes this browser a wall screen, until it is signed out. */
export async function becomeWallScreen(): Promise<Trouble | undefined> {
  const outcome = await call<undefined>('POST', '/api/session/live-only', { body: {} });
  if (!outcome.ok) return outcome.trouble;
  const state = current.peek();
  if (state.at !== 'ready') return undefined;
  current.value = { at: 'ready', session: { ...state.session, locked: true, liveOnly: true } };
  return undefined;
}

/** Called by whoever learns whether the past is closed here: from an answer (423), or from the box. */
export function noteLocked(locked: boolean): void {
  const state = current.peek();
  if (state.at !== 'ready' || state.session.locked === locked) return;
  current.value = { at: 'ready', session: { ...state.session, locked } };
}

/** Called by whoever learns what this person may do by now: another may have changed it. */
export function noteRights({ role, mayExport }: Pick<Session, 'role' | 'mayExport'>): void {
  const state = current.peek();
  if (state.at !== 'ready') return;
  const { session } = state;
  if (session.role === role && session.mayExport === mayExport) return;
  current.value = { at: 'ready', session: { ...session, role, mayExport } };
}

/** Asks what this person may do by now, because the box has just refused something. */
export async function lookAtRights(): Promise<void> {
  const session = await call<Session>('GET', '/api/session');
  if (session.ok) noteRights(session.value);
}

/** From signing in to what helps who lost the password, and back. The address stays what it was. */
export function goRecover(): void {
  current.value = { at: 'recovery' };
}

/** See `goRecover`. */
export function backToSignIn(): void {
  current.value = { at: 'sign-in', why: 'first' };
}

/** A lost password was replaced: everybody who used it is signed out, and signs in with the new one. */
export function wasRecovered(): void {
  current.value = { at: 'sign-in', why: 'recovered' };
}

/** A backup was put back: one signs in as on the box that it is of. */
export function wasRestored(): void {
  current.value = { at: 'sign-in', why: 'restored' };
}

/** Called by whoever learns from an answer (401) or a closed live socket that nobody is signed in
 * here any more. */
export function wasSignedOut(): void {
  if (current.value.at === 'ready') current.value = { at: 'sign-in', why: 'ended' };
}
