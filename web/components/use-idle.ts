/** Whether somebody is at it: what lies on a picture goes away when nobody is. */
import { useEffect, useState } from 'preact/hooks';
import { browserClock, type Timer } from '../base/clock.ts';

/** Rule 1 of the experience: controls fade after 3 s. */
const IDLE_MS = 3_000;

const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;

/** True when nothing was moved, touched or pressed for three seconds; always false unless `asks`. */
export function useIdle(asks: boolean): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    setIdle(false);
    if (!asks) return undefined;
    let timer: Timer | undefined;
    const stir = (): void => {
      timer?.cancel();
      setIdle(false);
      timer = browserClock.setTimer(IDLE_MS, () => {
        setIdle(true);
      });
    };
    stir();
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, stir);
    return () => {
      timer?.cancel();
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, stir);
    };
  }, [asks]);
  return isIdle;
}
