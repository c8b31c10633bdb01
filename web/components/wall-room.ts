/** How much room the wall has, measured before it is drawn and whenever it changes. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { WallRoom } from './wall-packing.ts';

/** `isUpright`: a phone held upright, where pictures stand one below the other. */
export interface MeasuredRoom extends WallRoom {
  readonly isUpright: boolean;
}

/** As in parts.css, where the ways to other pages move to the bottom. */
const UPRIGHT = '(max-width: 719px) and (orientation: portrait)';

/**
 * Follows the size of an element whose size does not depend on what is drawn into it. The gap and
 * the strip are its `row-gap` and `padding-bottom`, so that the style sheets alone know pixels.
 */
export function useRoom(place: RefObject<HTMLElement | null>): MeasuredRoom | undefined {
  const [room, setRoom] = useState<MeasuredRoom | undefined>(undefined);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const { width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const next: MeasuredRoom = {
        ...{ width, height },
        gap: parseFloat(style.rowGap),
        strip: parseFloat(style.paddingBottom),
        isUpright: matchMedia(UPRIGHT).matches,
      };
      setRoom((before) => (isSame(before, next) ? before : next));
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => {
      watcher.disconnect();
    };
  }, [place]);
  return room;
}

function isSame(a: MeasuredRoom | undefined, b: MeasuredRoom): boolean {
  return a?.width === b.width && a.height === b.height && a.isUpright === b.isUpright;
}
