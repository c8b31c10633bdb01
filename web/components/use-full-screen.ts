/** One part of the page over the whole screen; where a browser cannot, over the whole page. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Whether it is, and the switch. The part styles itself by `data-full`. */
export interface FullScreen {
  readonly isFull: boolean;
  readonly toggle: () => void;
}

/** See the head of this file. */
export function useFullScreen(part: RefObject<HTMLElement | null>): FullScreen {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const changed = (): void => {
      setFull(document.fullscreenElement !== null);
    };
    document.addEventListener('fullscreenchange', changed);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
      if (document.fullscreenElement !== null) void document.exitFullscreen();
    };
  }, []);
  return {
    isFull,
    toggle: () => {
      // What the browser says: it may have changed since this was drawn.
      if (document.fullscreenElement !== null) {
        void document.exitFullscreen();
      } else if (isFull) {
        setFull(false);
      } else if (document.fullscreenEnabled) {
        // Refused within a second of leaving it, or by a policy: then the page has to do.
        part.current?.requestFullscreen().catch(() => {
          setFull(true);
        });
      } else {
        // iPhones have it for videos alone, with a player of their own over ours.
        setFull(true);
      }
    },
  };
}
