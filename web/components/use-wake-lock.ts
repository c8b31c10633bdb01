/** Keeps the screen awake while the page is seen, where the browser can. */
import { useEffect, useState } from 'preact/hooks';

/** False where the browser lets the screen sleep all the same. */
export function useWakeLock(): boolean {
  const [isAwake, setAwake] = useState(true);
  useEffect(() => {
    let held: WakeLockSentinel | undefined;
    let isOver = false;
    const take = async (): Promise<void> => {
      if (document.visibilityState !== 'visible' || held?.released === false) return;
      try {
        // Left out by older browsers, whatever the types say.
        const { wakeLock } = navigator as Partial<Pick<Navigator, 'wakeLock'>>;
        held = await wakeLock?.request('screen');
        setAwake(held !== undefined);
        if (isOver) await held?.release();
      } catch {
        // A low battery, or a setting.
        setAwake(false);
      }
    };
    // A browser takes it back when the page is hidden.
    const seen = (): void => {
      void take();
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', seen);
      void held?.release();
    };
  }, []);
  return isAwake;
}
