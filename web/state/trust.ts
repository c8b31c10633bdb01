/**
 * Whether this browser knows the box, or was told to go on in spite of a warning. A page cannot ask
 * for that, but Chromium fetches the script of a service worker without the exception that a person
 * made for the page: where the box's own authority is not installed, the registration ends with a
 * certificate error. Firefox and Safari make no such difference for workers; there, live sockets
 * tell (`socketDidNotOpen`), because Safari grants them no exception.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Session } from '../../server/contract/session.ts';
import { call } from '../api/call.ts';

/** `unknown`: not asked yet, or the browser cannot tell; nothing is held back then. */
export type Trust = 'unknown' | 'trusted' | 'untrusted';

/** Where a page was loaded from. */
export interface PageOrigin {
  /** With its colon, as `location` has it. */
  readonly protocol: string;
  readonly hostname: string;
}

/** One socket may fall to a weak signal, two to a restart; three in a row while calls are answered
 * have another reason. */
const UNOPENED_SOCKETS = 3;

const current = signal<Trust>('unknown');
let unopened = 0;

/** See the head of this file. */
export const trust: ReadonlySignal<Trust> = current;

/** Whether nothing stands between the browser and the box: they are one machine. */
export function isThisMachine({ hostname }: PageOrigin): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** What the end of a registration says; `undefined` is success. Pure. */
export function judge(refusal: unknown): Trust {
  if (refusal === undefined) return 'trusted';
  // Chromium's words, in every language. Other refusals (no storage, no network) say nothing.
  return refusal instanceof Error && /SSL certificate/i.test(refusal.message)
    ? 'untrusted'
    : 'unknown';
}

/** Asks the browser; once, at the start of the page. */
export async function askTrust(
  origin: PageOrigin = location,
  register: () => Promise<void> = registerAndLeave,
): Promise<void> {
  if (origin.protocol !== 'https:' || isThisMachine(origin)) {
    current.value = 'trusted';
    return;
  }
  try {
    await register();
    current.value = judge(undefined);
  } catch (thrown) {
    current.value = judge(thrown);
  }
}

/** A live socket ended before it was open. */
export async function socketDidNotOpen(origin: PageOrigin = location): Promise<void> {
  if (origin.protocol !== 'https:' || isThisMachine(origin)) return;
  unopened += 1;
  if (unopened < UNOPENED_SOCKETS || current.value === 'untrusted') return;
  // The box answers this browser, and lets it in: it is the browser that refuses.
  if ((await call<Session>('GET', '/api/session')).ok) current.value = 'untrusted';
}

/** A live socket is open: the browser refuses nothing. */
export function socketDidOpen(): void {
  unopened = 0;
}

/** The worker's scope is its own name, so that it controls no page while it exists. */
async function registerAndLeave(): Promise<void> {
  if (!('serviceWorker' in navigator)) throw new Error('no workers here');
  const registration = await navigator.serviceWorker.register('/trust-check.js', {
    scope: '/trust-check.js',
  });
  await registration.unregister();
}
