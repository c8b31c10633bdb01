/** Apple's own HLS, for iPhones before 17.1: the video element takes the playlist itself. */
import type { EngineEvents, EngineSource, PlaybackEngine } from './playback-engine.ts';

/** `MediaError.code` (HTML, "error codes"). */
const MEDIA_ERR_NETWORK = 2;
const MEDIA_ERR_DECODE = 3;

/** Whether the element can play a playlist without our help. */
export function playsNatively(video: HTMLVideoElement): boolean {
  return video.canPlayType('application/vnd.apple.mpegurl') !== '';
}

/** Begins to load; the picture of `startS` is shown as soon as it is there. */
export function startNative(
  video: HTMLVideoElement,
  source: EngineSource,
  events: EngineEvents,
): PlaybackEngine {
  const onReady = (): void => {
    video.currentTime = source.startS;
  };
  const onError = (): void => {
    const code = video.error?.code;
    if (code === MEDIA_ERR_NETWORK) events.onTrouble('broken-off');
    else if (code === MEDIA_ERR_DECODE) events.onTrouble('damaged');
    else events.onTrouble('unplayable');
  };
  video.addEventListener('loadedmetadata', onReady, { once: true });
  video.addEventListener('error', onError);
  video.src = source.url;
  return {
    retry: () => {
      const atS = video.currentTime;
      video.addEventListener(
        'loadedmetadata',
        () => {
          video.currentTime = atS;
        },
        { once: true },
      );
      video.load();
    },
    close: () => {
      video.removeEventListener('loadedmetadata', onReady);
      video.removeEventListener('error', onError);
      video.removeAttribute('src');
      video.load();
    },
  };
}
