/** Whether anybody can see the page: not behind another tab, on a locked phone or on the way out. */
import type { Timer } from '../base/clock.ts';

/** Tells at each change until the answer is cancelled; also when the page comes back out of the
 * browser's memory of pages. */
export function followAttention(onChange: (isSeen: boolean) => void): Timer {
  const look = (event: Event): void => {
    onChange(event.type !== 'pagehide' && isPageSeen());
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('pagehide', look);
  addEventListener('pageshow', look);
  return {
    cancel: () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('pagehide', look);
      removeEventListener('pageshow', look);
    },
  };
}

/** Now. */
export function isPageSeen(): boolean {
  return document.visibilityState === 'visible';
}
