/** The past of one camera for as long as its page is shown: see `PastControl`. */
import { useEffect, useMemo } from 'preact/hooks';
import { browserClock } from '../base/clock.ts';
import { PlaybackPlayer } from '../player/playback-player.ts';
import { noteLocked } from '../state/box.ts';
import { boxNowMs } from '../state/box-time.ts';
import { goTo } from '../state/route.ts';
import { PastControl } from './past-control.ts';

/** `atMs` is what the address says. One camera is one step for the back button, whatever was seen. */
export function usePast(cameraId: string, atMs: number | undefined, isMuted: boolean): PastControl {
  const past = useMemo(
    () =>
      new PastControl(atMs, {
        ...{ cameraId, boxNowMs, clock: browserClock },
        note: (ms) => {
          goTo({ page: 'camera', id: cameraId, atMs: ms }, 'replace');
        },
        onLocked: () => {
          noteLocked(true);
        },
        makePlayer: (video, options) => new PlaybackPlayer(video, options),
      }),
    // The address is followed below; another camera is another past.
    [cameraId],
  );
  useEffect(() => {
    past.follow(atMs);
  }, [past, atMs]);
  useEffect(() => {
    past.muted = isMuted;
  }, [past, isMuted]);
  useEffect(() => {
    const running = past.run(() => document.visibilityState === 'visible');
    const leaving = (): void => {
      past.noteNow();
    };
    addEventListener('pagehide', leaving);
    return () => {
      running.cancel();
      removeEventListener('pagehide', leaving);
    };
  }, [past]);
  return past;
}
