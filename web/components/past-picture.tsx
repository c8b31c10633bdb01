/** A camera's past, played where its live picture was, with the same strip below it. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { PlaybackState } from '../player/playback-player.ts';
import { skipWords, troubleWords } from '../player/playback-words.ts';
import { boxNowMs } from '../state/box-time.ts';
import { clockTime, dayName, exactTime } from '../words/time-words.ts';
import { pictureShape } from './live-picture.tsx';
import { useLate } from './use-late.ts';
import type { Past } from './use-past.ts';

/** Takes the place of `LivePicture` on the page of one camera. */
export function PastPicture(props: { readonly camera: Camera; readonly past: Past }): JSX.Element {
  const { camera, past } = props;
  const { attach, state } = past;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => (video.current === null ? undefined : attach(video.current)), [attach]);
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
        <span class="live-state">{stateInWords(state, isLate, past.isPaused)}</span>
        <SeenTime past={past} />
      </figcaption>
      {words !== undefined ? (
        <div class="live-detail" role="alert">
          <p>{words.sentence}</p>
          <p class="quiet">{words.hint}</p>
        </div>
      ) : (
        past.hole !== undefined && (
          <p class="live-detail" role="status">
            {skipWords(past.hole, camera.name)}
          </p>
        )
      )}
    </figure>
  );
}

/** "Yesterday, 14:02:05": exactly what is seen. Drawn by itself each second. */
function SeenTime(props: { readonly past: Past }): JSX.Element | null {
  const ms = props.past.seenMs.value;
  if (ms === undefined) return null;
  return (
    <time dateTime={new Date(ms).toISOString()}>
      {dayName(ms, boxNowMs())}, {exactTime(ms)}
    </time>
  );
}

function stateInWords(
  state: PlaybackState | undefined,
  isLate: boolean,
  isPaused: boolean,
): string {
  if (isLate && state?.kind === 'opening') return `Fetching ${clockTime(state.atMs)} from the box…`;
  if (isLate) return 'Waiting for the next picture…';
  return isPaused ? 'paused' : '';
}
