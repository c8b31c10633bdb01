/** A wait that a person notices: from then on the page says what it waits for. */
import { useEffect, useState } from 'preact/hooks';
import { browserClock } from '../base/clock.ts';

/** Rule 2 of the experience: a wait over a second says in words what it waits for. */
const NOTICED_MS = 1_000;

/** True once `isWaiting` has been so for a second. */
export function useLate(isWaiting: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!isWaiting) return undefined;
    const timer = browserClock.setTimer(NOTICED_MS, () => {
      setLate(true);
    });
    return () => {
      timer.cancel();
    };
  }, [isWaiting]);
  return isLate && isWaiting;
}
