/** One camera's live picture with its strip: name, state in words, time. */
import { useComputed, useSignal, useSignalEffect, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Camera, PictureSize } from '../../server/contract/camera.ts';
import { lastPictures } from '../player/last-pictures.ts';
import { liveFeeds } from '../player/live-feeds.ts';
import { LivePlayer, type LiveView } from '../player/live-player.ts';
import { everyLook } from '../player/live-ticker.ts';
import { liveWords } from '../player/live-words.ts';
import { followPlace, suitingStream } from '../player/picture-place.ts';
import { box, wasSignedOut } from '../state/box.ts';
import { refreshCameras } from '../state/cameras.ts';
import { noteLive } from '../state/trust.ts';
import { clockTime, exactTime } from '../words/time-words.ts';
import { STAYS_HERE } from './stays-here.ts';
import '../styles/live-picture.css';

/** Its place is kept until the first picture comes. */
const USUAL_SHAPE: PictureSize = { width: 16, height: 9 };

/** What is shown before the player has said anything. */
export const NOTHING_YET: LiveView = {
  status: { at: 'connecting', waitsFor: 'box', long: false },
  grey: false,
  pictureMs: undefined,
  reduced: false,
  sound: 'off',
};

/** The camera's shape, width to height, known before a picture comes. */
export function pictureShape(camera: Camera): PictureSize {
  return camera.pictureSize ?? camera.video ?? USUAL_SHAPE;
}

/**
 * As wide as its place; below the picture comes the strip, so that nothing lies over it. `size`: a
 * tile of the wall, or the whole page, where more is said. `sound`: switch it on in a gesture.
 */
export function LivePicture(props: {
  readonly camera: Camera;
  readonly size: 'tile' | 'page';
  readonly sound?: boolean;
  /** What is seen and heard, whenever that changes. */
  readonly onView?: (view: LiveView) => void;
}): JSX.Element {
  const { camera, size, sound = false } = props;
  const view = useSignal<LiveView>(NOTHING_YET);
  const video = useRef<HTMLVideoElement>(null);
  const backdrop = useRef<HTMLCanvasElement>(null);
  const player = useRef<LivePlayer | undefined>(undefined);
  const onView = useRef(props.onView);
  onView.current = props.onView;
  const hasSub = camera.source.subUrl !== undefined;

  // Before the first paint: the picture in memory is there at once.
  useLayoutEffect(() => {
    if (video.current === null || backdrop.current === null) return undefined;
    const live = new LivePlayer({
      ...{ video: video.current, backdrop: backdrop.current, cameraId: camera.id, hasSub },
      onView: (next) => {
        view.value = next;
        noteLive(next.status);
        onView.current?.(next);
      },
      onEnded: (why) => {
        if (why === 'signed-out') wasSignedOut();
        else void refreshCameras();
      },
    });
    player.current = live;
    const now = size === 'page' ? 'main' : 'sub';
    const stream = suitingStream(video.current, { now, subWidth: live.subWidth });
    live.start({ stream, sound });
    const following = followPlace(video.current, live);
    return () => {
      following.cancel();
      live.stop({ keep: box.peek().at === 'ready' });
      player.current = undefined;
    };
  }, [camera.id, hasSub]);

  useEffect(() => {
    player.current?.setSound(sound);
  }, [sound]);

  const { width, height } = pictureShape(camera);
  const isGrey = useComputed(() => view.value.grey);
  return (
    <figure class="live" data-size={size} data-grey={isGrey}>
      <div class="live-frame" style={{ aspectRatio: `${String(width)} / ${String(height)}` }}>
        <canvas ref={backdrop} aria-hidden="true" />
        <video
          ref={video}
          data-camera-id={camera.id}
          aria-label={camera.name}
          {...STAYS_HERE}
          muted
          playsInline
        />
      </div>
      <LiveStrip name={camera.name} size={size} view={view} player={player} />
    </figure>
  );
}

/** Name, state, time. The time is written past the framework: it changes each second. */
function LiveStrip(props: {
  readonly name: string;
  readonly size: 'tile' | 'page';
  readonly view: Signal<LiveView>;
  readonly player: { readonly current: LivePlayer | undefined };
}): JSX.Element {
  const { name, size, view, player } = props;
  const time = useRef<HTMLTimeElement>(null);
  const words = useComputed(() => liveWords(view.value.status, view.value.pictureMs));
  const at = useComputed(() => view.value.status.at);
  useEffect(() => {
    const stepMs = size === 'page' ? 1_000 : 60_000;
    const words = size === 'page' ? exactTime : clockTime;
    let shown = 0;
    const ticking = everyLook(() => {
      const step = Math.floor((player.current?.pictureMs ?? 0) / stepMs);
      if (step === shown || time.current === null) return;
      shown = step;
      time.current.textContent = step === 0 ? '' : words(step * stepMs);
    });
    return () => {
      ticking.cancel();
    };
  }, [size]);
  return (
    <figcaption class="live-strip">
      <span class="live-name">{name}</span>
      {/* Another element for other words: what is newly written has not moved. */}
      <span key={words.value.strip} class="live-state" data-at={at}>
        {words.value.strip}
        {words.value.since !== undefined && <span class="live-since"> {words.value.since}</span>}
      </span>
      <time ref={time} />
      <LiveAnnouncer name={name} view={view} />
    </figcaption>
  );
}

/** Tells screen readers when a picture stops and when it is back; not each second of a delay. */
function LiveAnnouncer(props: {
  readonly name: string;
  readonly view: Signal<LiveView>;
}): JSX.Element {
  const { name, view } = props;
  const words = useSignal('');
  const told = useRef('live');
  useSignalEffect(() => {
    const { status, pictureMs } = view.value;
    const isWaiting = status.at === 'connecting' && !status.long;
    if (isWaiting || status.at === told.current) return;
    told.current = status.at;
    const { strip, since = '' } = liveWords(status, pictureMs);
    words.value = `${name}: ${strip} ${since}`;
  });
  return (
    <span class="unseen" role="status">
      {words}
    </span>
  );
}

// Begun while the page still asks who is here, it costs the first picture no time.
liveFeeds();

// Whoever signs out leaves no picture behind.
box.subscribe(({ at }) => {
  if (at !== 'ready') lastPictures.forgetAll();
});
