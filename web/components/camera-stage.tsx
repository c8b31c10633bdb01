/** The picture of one camera, now or then, with its controls; over the whole screen when asked. */
import { useSignal } from '@preact/signals';
import type { JSX, RefObject } from 'preact';
import { useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { LiveView } from '../player/live-player.ts';
import { isLocked } from '../state/lock.ts';
import { CameraControls } from './camera-controls.tsx';
import { LivePicture, NOTHING_YET, pictureShape } from './live-picture.tsx';
import type { PastControl } from './past-control.ts';
import { NoPicture, PastPicture } from './past-picture.tsx';
import { LiveWords, PastWords } from './picture-words.tsx';
import type { FullScreen } from './use-full-screen.ts';
import { useIdle } from './use-idle.ts';
import { usePageSeen } from './use-page-seen.ts';
import { ZoomFrame, type ZoomControl } from './zoom-frame.tsx';

/** Sound and the past are the page's: they stay what they are when this is drawn again. */
export function CameraStage(props: {
  readonly stage: RefObject<HTMLElement | null>;
  readonly camera: Camera;
  readonly past: PastControl;
  readonly onNow: () => void;
  readonly zoom: RefObject<ZoomControl | null>;
  readonly full: FullScreen;
  readonly isSoundOn: boolean;
  readonly onSound: () => void;
  readonly onSwipe: (direction: 1 | -1) => void;
}): JSX.Element {
  const { camera, past, full, isSoundOn } = props;
  const [scale, setScale] = useState(1);
  const view = useSignal<LiveView>(NOTHING_YET);
  const shape = pictureShape(camera);
  const isIdle = useIdle(full.isFull);
  const isSeen = usePageSeen();
  return (
    <section
      ref={props.stage}
      class="stage"
      aria-label={camera.name}
      data-full={full.isFull}
      data-idle={isIdle}
      style={{ '--ratio': String(shape.width / shape.height) }}
    >
      <ZoomFrame control={props.zoom} onSwipe={props.onSwipe} onScale={setScale}>
        {past.isLive.value ? (
          <LivePicture
            camera={camera}
            size="page"
            sound={isSoundOn}
            onView={(next) => {
              view.value = next;
            }}
          />
        ) : isLocked.value || !isSeen ? (
          <NoPicture camera={camera} past={past} why={isLocked.value ? 'locked' : 'unseen'} />
        ) : (
          <PastPicture camera={camera} past={past} />
        )}
      </ZoomFrame>
      {past.isLive.value ? <LiveWords view={view} /> : <PastWords past={past} />}
      {scale > 1 && (
        <button
          type="button"
          class="button zoom-reset"
          onClick={() => {
            props.zoom.current?.reset();
          }}
        >
          {scale.toFixed(1)} × <span class="unseen">, show the whole picture</span>
        </button>
      )}
      <CameraControls
        past={past}
        onNow={props.onNow}
        hasSound={!past.isLive.value || (camera.sound && camera.audio !== null)}
        isSoundOn={isSoundOn}
        onSound={props.onSound}
        isFull={full.isFull}
        onFull={full.toggle}
      />
    </section>
  );
}
