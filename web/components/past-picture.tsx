/** A camera's past, played where its live picture was, with the same strip below it. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import { clearPicture, copyPicture, lastPictures } from '../player/last-pictures.ts';
import type { PlaybackState } from '../player/playback-state.ts';
import { boxNowMs } from '../state/box-time.ts';
import { dayName, exactTime, lengthOfTime } from '../words/time-words.ts';
import { pictureShape } from './live-picture.tsx';
import type { PastControl } from './past-control.ts';
import { STAYS_HERE } from './stays-here.ts';
import { useLate } from './use-late.ts';

/** Takes the place of `LivePicture` on the page of one camera. */
export function PastPicture(props: {
  readonly camera: Camera;
  readonly past: PastControl;
}): JSX.Element {
  const { camera, past } = props;
  const state = past.state.value;
  const video = useRef<HTMLVideoElement>(null);
  const backdrop = useRef<HTMLCanvasElement>(null);
  const hasCome = useRef(false);
  hasCome.current ||= isShown(state);
  // Before the first paint: until the first picture of the past, the one seen before stands.
  useLayoutEffect(() => {
    if (video.current === null || backdrop.current === null) return undefined;
    const before = lastPictures.get(camera.id)?.canvas;
    if (before !== undefined) {
      const { width, height } = before;
      copyPicture({ image: before, width, height }, backdrop.current);
    }
    const kept = backdrop.current;
    const detach = past.attach(video.current, kept);
    return () => {
      detach();
      // Neither is in the page any more; what a picture is made of goes now, not some day.
      clearPicture(kept);
    };
  }, [past]);
  const { width, height } = pictureShape(camera);
  const isWaiting = state?.kind === 'opening' || state?.kind === 'waiting';
  const isLate = useLate(isWaiting);
  return (
    <figure class="live" data-size="page" data-grey={!hasCome.current || state?.kind === 'trouble'}>
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
      <figcaption class="live-strip">
        <span class="live-name">{camera.name}</span>
        <span class="live-state">{stateInWords(past, isLate)}</span>
        <SeenTime past={past} />
      </figcaption>
    </figure>
  );
}

/** Stands where the past would, while it is closed, or while nobody sees the page: the moment is kept, no
 * picture is. */
export function NoPicture(props: {
  readonly camera: Camera;
  readonly past: PastControl;
  readonly why: 'locked' | 'unseen';
}): JSX.Element {
  const { width, height } = pictureShape(props.camera);
  return (
    <figure class="live" data-size="page">
      <div
        class="live-frame closed"
        style={{ aspectRatio: `${String(width)} / ${String(height)}` }}
      >
        {props.why === 'locked' && <p>The past is closed here.</p>}
      </div>
      <figcaption class="live-strip">
        <span class="live-name">{props.camera.name}</span>
        <span class="live-state">{props.why === 'locked' ? 'locked' : ''}</span>
        <SeenTime past={props.past} />
      </figcaption>
    </figure>
  );
}

/** Whether a picture of the past has come. */
function isShown(state: PlaybackState | undefined): boolean {
  return state?.kind === 'playing' || state?.kind === 'paused' || state?.kind === 'waiting';
}

/** "Yesterday, 14:02:05": exactly what is seen. Drawn by itself each second. */
function SeenTime(props: { readonly past: PastControl }): JSX.Element | null {
  const ms = props.past.seenMs.value;
  if (ms === undefined) return null;
  return (
    <time dateTime={new Date(ms).toISOString()}>
      {dayName(ms, boxNowMs())}, {exactTime(ms)}
    </time>
  );
}

/** Beside the name: why the picture does not move, or what it has just jumped over. */
function stateInWords({ state, hole, isPaused }: PastControl, isLate: boolean): string {
  if (state.value?.kind === 'trouble') return 'not playing';
  if (isLate) {
    return state.value?.kind === 'opening' ? 'waiting for the box' : 'the next picture is late';
  }
  if (isPaused.value) return 'paused';
  if (hole.value === undefined) return '';
  return `${lengthOfTime(hole.value.toMs - hole.value.fromMs)} are missing`;
}
