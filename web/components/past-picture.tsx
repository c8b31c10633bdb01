/** A camera's past, played where its live picture was, with the same strip below it. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import { troubleWords } from '../player/playback-words.ts';
import { boxNowMs } from '../state/box-time.ts';
import { dayName, exactTime, lengthOfTime } from '../words/time-words.ts';
import { pictureShape } from './live-picture.tsx';
import type { PastControl } from './past-control.ts';
import { useLate } from './use-late.ts';

/** Takes the place of `LivePicture` on the page of one camera. */
export function PastPicture(props: {
  readonly camera: Camera;
  readonly past: PastControl;
}): JSX.Element {
  const { camera, past } = props;
  const state = past.state.value;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => (video.current === null ? undefined : past.attach(video.current)), [past]);
  const { width, height } = pictureShape(camera);
  const isWaiting = state?.kind === 'opening' || state?.kind === 'waiting';
  const isLate = useLate(isWaiting);
  const trouble = state?.kind === 'trouble' ? state : undefined;
  const words = trouble && (trouble.said ?? troubleWords(trouble.trouble));
  return (
    <figure class="live" data-size="page">
      <div class="live-frame" style={{ aspectRatio: `${String(width)} / ${String(height)}` }}>
        <video ref={video} data-camera-id={camera.id} aria-label={camera.name} muted playsInline />
      </div>
      <figcaption class="live-strip">
        <span class="live-name">{camera.name}</span>
        <span class="live-state">{stateInWords(past, isLate)}</span>
        <SeenTime past={past} />
      </figcaption>
      {words !== undefined && (
        <div class="live-detail" role="alert">
          <p>{words.sentence}</p>
          <p class="quiet">{words.hint}</p>
        </div>
      )}
    </figure>
  );
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
  if (isLate) {
    return state.value?.kind === 'opening' ? 'waiting for the box' : 'the next picture is late';
  }
  if (isPaused.value) return 'paused';
  if (hole.value === undefined) return '';
  return `${lengthOfTime(hole.value.toMs - hole.value.fromMs)} are missing`;
}
