/**
 * Whether this browser knows the box, or was told to go on in spite of a warning. A page cannot ask
 * for that, but Chromium fetches the script of a service worker without the exception that a person
 * made for the page: where the box's own authority is not installed, the registration ends with a
 * certificate error. Firefox and Safari make no such difference for workers. Safari makes it for
 * live sockets instead, so there a socket that never opens, while calls are answered, tells.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Health } from '../../server/contract/health.ts';
import type { Session } from '../../server/contract/session.ts';
import { call } from '../api/call.ts';
import { browserClock, type BrowserClock, type Timer } from '../base/clock.ts';
import type { LiveStatus } from '../player/live-status.ts';

/** `asking`: pictures wait for the answer, which comes about when the first of them could.
 * `unknown`: the browser cannot tell; nothing is held back then. */
export type Trust = 'asking' | 'unknown' | 'trusted' | 'untrusted';

/** Where a page was loaded from. */
export interface PageOrigin {
  /** With its colon, as `location` has it. */
  readonly protocol: string;
  readonly hostname: string;
}

/** What the question is asked with; the browser's own unless a test says otherwise. */
export interface TrustParts {
  readonly origin: PageOrigin;
  readonly clock: BrowserClock;
  /** Registers a worker and takes it away again; rejects with what the browser says. */
  readonly register: () => Promise<void>;
  /** The browser fetches workers without the exceptions that people make for pages. */
  readonly workersTell: boolean;
  /** Whether the box answers anybody at all. */
  readonly isThere: () => Promise<boolean>;
  /** Whether the box answers, and lets this browser in. */
  readonly answers: () => Promise<boolean>;
}

/** A socket opens within a second, three times slower on a bad line; after so long nobody but the
 * browser holds it up. */
const SOCKET_WITHIN_MS = 5_000;

/** An answer takes 0.1 s, asked twice on a bad line 1 s. A browser that never gives one must not keep
 * the pictures back; if it comes later, it counts all the same. */
const ANSWER_WITHIN_MS = 2_000;

const current = signal<Trust>('asking');

/** See the head of this file. */
export const trust: ReadonlySignal<Trust> = current;

/** Whether nothing stands between the browser and the box: they are one machine. Pure. */
export function isThisMachine({ hostname }: PageOrigin): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** What a refused registration says. Pure. */
export function judge(refusal: unknown): Trust {
  // Chromium's words, in every language. Other refusals (no storage, no network) say nothing.
  return refusal instanceof Error && /SSL certificate/i.test(refusal.message)
    ? 'untrusted'
    : 'unknown';
}

/** Asks the browser; once, at the start of the page. */
export async function askTrust(parts: TrustParts = BROWSER): Promise<void> {
  if (parts.origin.protocol !== 'https:' || isThisMachine(parts.origin)) {
    current.value = 'trusted';
    return;
  }
  current.value = 'asking';
  const late = parts.clock.setTimer(ANSWER_WITHIN_MS, () => {
    current.value = 'unknown';
  });
  current.value = await answer(parts);
  late.cancel();
}

/**
 * Chromium names the certificate only when the worker's fetch finds a connection that the page has
 * opened already; when it opens one itself, it just says that it got nothing. So might a bad line:
 * then the box is not there for the page, either, or the second try succeeds.
 */
async function answer(parts: TrustParts, isSecond = false): Promise<Trust> {
  try {
    await parts.register();
    return parts.workersTell ? 'trusted' : 'unknown';
  } catch (thrown) {
    if (!isUnfetched(thrown)) return judge(thrown);
    if (isSecond) return 'untrusted';
    return (await parts.isThere()) ? answer(parts, true) : 'unknown';
  }
}

/** Chromium's words, in every language; nobody else's. */
function isUnfetched(refusal: unknown): boolean {
  return refusal instanceof Error && /unknown error .*fetching the script/i.test(refusal.message);
}

let waiting: Timer | undefined;

/** Hears how each live picture is. Only where nothing better tells does waiting for the box mean
 * that the browser holds its socket back. */
export function noteLive(status: LiveStatus, parts: TrustParts = BROWSER): void {
  const isHeldBack = status.at === 'connecting' && status.waitsFor === 'box' && status.long;
  if (!isHeldBack || current.value !== 'unknown') {
    waiting?.cancel();
    waiting = undefined;
    return;
  }
  waiting ??= parts.clock.setTimer(SOCKET_WITHIN_MS, () => {
    waiting = undefined;
    void parts.answers().then((answers) => {
      if (answers && current.value === 'unknown') current.value = 'untrusted';
    });
  });
}

const BROWSER: TrustParts = {
  get origin() {
    return location;
  },
  clock: browserClock,
  // The worker's scope is its own name, so that it controls no page while it exists.
  register: async () => {
    const registration = await navigator.serviceWorker.register('/trust-check.js', {
      scope: '/trust-check.js',
    });
    await registration.unregister();
  },
  get workersTell() {
    return 'userAgentData' in navigator;
  },
  isThere: async () => (await call<Health>('GET', '/api/health')).ok,
  answers: async () => (await call<Session>('GET', '/api/session')).ok,
};
