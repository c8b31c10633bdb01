/** Whether somebody is at it: what lies on a picture goes away when nobody is. */
import { useEffect, useState } from 'preact/hooks';
import { browserClock, type Timer } from '../base/clock.ts';

/** Rule 1 of the experience: controls fade after 3 s. */
const IDLE_MS = 3_000;

const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/** What goes away carries this: a touch that brings it back must not press it. */
const FADES = '[data-fades]';

/** True when nothing was moved, touched or pressed for three seconds, or for `afterMs`; always false unless
 * `asks`. */
export function useIdle(asks: boolean, afterMs = IDLE_MS): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    setIdle(false);
    if (!asks) return undefined;
    let timer: Timer | undefined;
    let isGone = false;
    let hasWoken = false;
    const stir = ({ type }: Pick<Event, 'type'>): void => {
      // A finger has no way to come near without touching; a mouse has moved before.
      if (type === 'pointerdown') hasWoken = isGone;
      timer?.cancel();
      isGone = false;
      setIdle(false);
      timer = browserClock.setTimer(afterMs, () => {
        isGone = true;
        setIdle(true);
      });
    };
    // The click of that touch finds them where they were not seen when it began.
    const clicked = (event: Event): void => {
      const isFading = event.target instanceof Element && event.target.closest(FADES) !== null;
      if (hasWoken && isFading) {
        event.preventDefault();
        event.stopPropagation();
      }
      hasWoken = false;
    };
    stir({ type: '' });
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, stir, { capture: true });
    addEventListener('click', clicked, { capture: true });
    return () => {
      timer?.cancel();
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, stir, { capture: true });
      removeEventListener('click', clicked, { capture: true });
    };
  }, [asks, afterMs]);
  return isIdle;
}
