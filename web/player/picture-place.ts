/** Where and how large a live picture is on the screen: which stream suits it, and whether any. */
import type { StreamName } from '../../server/contract/live.ts';
import type { Timer } from '../base/clock.ts';
import type { LivePlayer } from './live-player.ts';
import { chooseStream } from './stream-choice.ts';

/** A picture that near the screen has to be there when the next turn of the thumb brings it. */
const NEARLY_ON_SCREEN = '50%';

/** What suits the size of `video` now; `now` where it has none yet. */
export function suitingStream(
  video: HTMLVideoElement,
  { now, subWidth }: { readonly now: StreamName; readonly subWidth: number | undefined },
): StreamName {
  const shownPx = video.clientWidth * devicePixelRatio;
  return shownPx === 0 ? now : chooseStream({ shownPx, subWidth, now });
}

/** Keeps a player that was started informed until the answer is cancelled. */
export function followPlace(video: HTMLVideoElement, player: LivePlayer): Timer {
  const sizes = new ResizeObserver(() => {
    const { stream: now, subWidth } = player;
    player.setStream(suitingStream(video, { now, subWidth }));
  });
  const places = new IntersectionObserver(
    (entries) => {
      const newest = entries.at(-1);
      if (newest !== undefined) player.setOnScreen(newest.isIntersecting);
    },
    { rootMargin: NEARLY_ON_SCREEN },
  );
  sizes.observe(video);
  places.observe(video);
  return {
    cancel: () => {
      sizes.disconnect();
      places.disconnect();
    },
  };
}
