/** For pages that show the past: they learn of a lock in another browser while they are seen. */
import { useEffect } from 'preact/hooks';
import { followLock } from '../state/lock.ts';

/** See the head of this file. */
export function useFollowLock(): void {
  useEffect(() => {
    const following = followLock();
    return () => {
      following.cancel();
    };
  }, []);
}
