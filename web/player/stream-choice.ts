/** Which of a camera's two pictures suits the size at which it is shown. Pure. */
import type { StreamName } from '../../server/contract/live.ts';

/** What the choice goes by. */
export interface ChoiceFacts {
  /** Pixels of the screen across the picture. */
  readonly shownPx: number;
  /** Width of the small picture, once it was seen. */
  readonly subWidth: number | undefined;
  readonly now: StreamName | undefined;
}

/** What most cameras send as their small picture. */
const USUAL_SUB_WIDTH = 640;

/** A picture may be stretched by half before it looks soft, at the distance of a wall of pictures. */
const STRETCH = 1.5;

/** The way back to the small picture begins lower, so that a window on the edge does not flicker. */
const BACK = 0.85;

/** See the head of this file. */
export function chooseStream({ shownPx, subWidth, now }: ChoiceFacts): StreamName {
  const limitPx = (subWidth ?? USUAL_SUB_WIDTH) * STRETCH;
  return shownPx > (now === 'main' ? limitPx * BACK : limitPx) ? 'main' : 'sub';
}
