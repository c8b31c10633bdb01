/**
 * Whether the past is closed here. The box decides; what a page learns of it, every page of this
 * browser hears at once.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { PhoneKept, Unlock } from '../../server/contract/keys.ts';
import type { Session } from '../../server/contract/session.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock, repeat, type Timer } from '../base/clock.ts';
import { box, noteLocked, noteRights } from './box.ts';
import { keptPhone, noteKept, waitsForPress } from './kept-phone.ts';
import { ownerCall } from './owner-call.ts';

/** `locked` is believed: closing needs no proof. `look`: ask the box. */
type Told = 'locked' | 'look';

/** Locked in another browser, or because nobody looked for a while: known by then at the latest. */
const LOOK_MS = 10_000;

const CHANNEL = 'doorkeep-lock';

const lastTrouble = signal<Trouble | undefined>(undefined);
let channel: BroadcastChannel | undefined;
/** An answer from before the newest wish is not heard. */
let turn = 0;

/** See the head of this file; false while nobody is signed in. */
export const isLocked: ReadonlySignal<boolean> = computed(
  () => box.value.at === 'ready' && box.value.session.locked,
);

/** Why the box did not lock when it was asked to. */
export const lockTrouble: ReadonlySignal<Trouble | undefined> = lastTrouble;

/** Locks for everybody. What is on the screens of this browser goes first, then the box is told. */
export async function lock(): Promise<void> {
  turn += 1;
  lastTrouble.value = undefined;
  waitsForPress.value = true;
  noteLocked(true);
  tell('locked');
  const outcome = await ownerCall<undefined>('POST', '/api/lock');
  if (outcome.ok) return;
  // It is not locked, and the page must not say that it is.
  lastTrouble.value = outcome.trouble;
  noteLocked(false);
  tell('look');
}

/** Unlocks for this browser; answers what went wrong, if something did. */
export function unlock(password: string): Promise<Trouble | undefined> {
  return askUnlock({ password });
}

/** Unlocks, and keeps this browser unlocked from now on, under this name in the list. */
export function keepUnlocked(password: string, keepAs: string): Promise<Trouble | undefined> {
  return askUnlock({ password, keepAs });
}

/** Unlocks without a password, where this browser is kept. `silently`: nobody pressed; it does nothing
 * then while somebody has locked. */
export async function openKept(kept: 'silently' | 'pressed'): Promise<Trouble | undefined> {
  if (kept === 'silently' && waitsForPress.peek()) return undefined;
  const trouble = await askUnlock({ kept });
  if (trouble?.reason === 'not-kept') noteKept(undefined);
  if (trouble?.reason === 'press-first') waitsForPress.value = true;
  return trouble;
}

async function askUnlock(body: Unlock): Promise<Trouble | undefined> {
  const outcome = await ownerCall<PhoneKept | undefined>('POST', '/api/unlock', { body });
  if (!outcome.ok) return outcome.trouble;
  turn += 1;
  if (outcome.value !== undefined) noteKept(outcome.value.id);
  waitsForPress.value = false;
  noteLocked(false);
  tell('look');
  return undefined;
}

/** Whether a press is enough to open the past here. */
export const opensByPress: ReadonlySignal<boolean> = computed(
  () => isLocked.value && keptPhone.value !== undefined,
);

/** Begins to hear the other pages of this browser; once, at the start of the page. Answers the end of
 * it. */
export function hearLock(): Timer {
  const heard = new BroadcastChannel(CHANNEL);
  channel = heard;
  heard.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    if (data !== 'locked') void lookAtLock();
    else {
      turn += 1;
      waitsForPress.value = true;
      noteLocked(true);
    }
  });
  return {
    cancel: () => {
      heard.close();
      channel = undefined;
    },
  };
}

/** Asks the box now and then while the page is seen, until cancelled: for pages that show the past. */
export function followLock(): Timer {
  const look = async (): Promise<void> => {
    if (document.visibilityState === 'visible') await lookAtLock();
  };
  const visible = (): void => {
    void look();
  };
  document.addEventListener('visibilitychange', visible);
  const timer = repeat(browserClock, LOOK_MS, look);
  return {
    cancel: () => {
      timer.cancel();
      document.removeEventListener('visibilitychange', visible);
    },
  };
}

async function lookAtLock(): Promise<void> {
  // Nobody who is not signed in has a past to close.
  if (box.peek().at !== 'ready') return;
  turn += 1;
  const asked = turn;
  const outcome = await ownerCall<Session>('GET', '/api/session');
  if (!outcome.ok) return;
  noteRights(outcome.value);
  if (asked === turn) noteLocked(outcome.value.locked);
}

function tell(told: Told): void {
  channel?.postMessage(told);
}
