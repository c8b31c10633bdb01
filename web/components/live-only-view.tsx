/** One camera for who sees live alone: its picture, and no way to a past that they would be refused. */
import '../styles/camera.css';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import { LIVE_ONLY } from '../words/people-words.ts';
import { LIVE_KEYS, useLiveKeys } from './camera-keys.ts';
import { goToCamera, neighbourOf } from './camera-neighbours.tsx';
import { CameraStage } from './camera-stage.tsx';
import { KeyList } from './key-list.tsx';
import { useFullScreen } from './use-full-screen.ts';
import { usePast } from './use-past.ts';
import type { ZoomControl } from './zoom-frame.tsx';

/** `cameras` are all that this person sees, in the household's order. */
export function LiveOnlyView(props: {
  readonly camera: Camera;
  readonly cameras: readonly Camera[];
}): JSX.Element {
  const { camera, cameras } = props;
  const stage = useRef<HTMLElement>(null);
  const zoom = useRef<ZoomControl>(null);
  const [isSoundOn, setSoundOn] = useState(false);
  const [showsKeys, setShowsKeys] = useState(false);
  // Now, whatever the address says.
  const past = usePast(camera.id, undefined, !isSoundOn);
  const full = useFullScreen(stage);
  const onSound = (): void => {
    setSoundOn(!isSoundOn);
  };
  const onNeighbour = (direction: 1 | -1): void => {
    goToCamera(neighbourOf(cameras, camera.id, direction), undefined);
  };
  useLiveKeys({
    ...{ full, zoom, onSound, onNeighbour },
    onHelp: () => {
      setShowsKeys(true);
    },
  });
  return (
    <div class="camera-page">
      <CameraStage
        {...{ stage, camera, past, zoom, full, isSoundOn, onSound }}
        onNow={() => {
          past.toNow();
        }}
        onSwipe={onNeighbour}
      />
      <div class="camera-past">
        <p class="live-only small quiet">{LIVE_ONLY}</p>
      </div>
      {showsKeys && (
        <KeyList
          rows={LIVE_KEYS}
          onClose={() => {
            setShowsKeys(false);
          }}
        />
      )}
    </div>
  );
}
