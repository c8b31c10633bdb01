/** Who looks at live or past right now, as the box tells it, while somebody is signed in and the page is seen. The
 * same message says whether the past is closed here. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { PresentViewer } from '../../server/contract/presence.ts';
import { browserClock, type Timer } from '../base/clock.ts';
import { openPresence, type PresenceLink } from '../player/presence-link.ts';
import { noteLocked } from './box.ts';

/** A box that starts anew is back within seconds. */
const AGAIN_MS = 2_000;

const current = signal<readonly PresentViewer[]>([]);

/** In the order in which they came; empty while the box does not tell. */
export const watchers: ReadonlySignal<readonly PresentViewer[]> = current;

/** Begins to listen; answers the end of it. */
export function followPresence(): Timer {
  let link: PresenceLink | undefined;
  let again: Timer | undefined;
  let hasEnded = false;
  const hang = (): void => {
    again?.cancel();
    const before = link;
    link = undefined;
    before?.close();
  };
  const listen = (): void => {
    hang();
    if (hasEnded || document.visibilityState !== 'visible') return;
    const mine = openPresence({
      onMessage: ({ viewers, locked }) => {
        current.value = viewers;
        noteLocked(locked);
      },
      onClosed: () => {
        if (link !== mine) return;
        current.value = [];
        again = browserClock.setTimer(AGAIN_MS, listen);
      },
    });
    link = mine;
  };
  document.addEventListener('visibilitychange', listen);
  listen();
  return {
    cancel: () => {
      hasEnded = true;
      document.removeEventListener('visibilitychange', listen);
      hang();
      current.value = [];
    },
  };
}
