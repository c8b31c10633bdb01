/** Whether anybody can see the page, for parts that show the past: what nobody sees is taken away. */
import { useEffect, useState } from 'preact/hooks';
import { followAttention, isPageSeen } from '../player/page-attention.ts';

/** See the head of this file. False from the moment the page is hidden, left, or put away in the browser's
 * memory of pages. */
export function usePageSeen(): boolean {
  const [isSeen, setSeen] = useState(isPageSeen());
  useEffect(() => {
    // It may have changed between the first drawing and now.
    setSeen(isPageSeen());
    const following = followAttention(setSeen);
    return () => {
      following.cancel();
    };
  }, []);
  return isSeen;
}
