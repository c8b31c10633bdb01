/** What is done to the picture of one camera: below it, within reach of a thumb. */
import type { JSX } from 'preact';
import { seesPast } from '../state/rights.ts';
import { Button } from './button.tsx';
import { SKIP_MS } from './camera-keys.ts';
import { Icon } from './icon.tsx';
import type { PastControl } from './past-control.ts';

/** `hasSound` is false where neither live nor past can have any. */
export function CameraControls(props: {
  readonly past: PastControl;
  readonly onNow: () => void;
  readonly hasSound: boolean;
  readonly isSoundOn: boolean;
  readonly onSound: () => void;
  readonly isFull: boolean;
  readonly onFull: () => void;
}): JSX.Element {
  const { past, isSoundOn, isFull } = props;
  return (
    <div class="controls" role="group" aria-label="The picture" data-fades>
      {seesPast.value && <PastButtons past={past} onNow={props.onNow} />}
      <span class="spring" />
      <Button
        kind="plain"
        label={props.hasSound ? 'Sound' : 'No sound from this camera'}
        pressed={isSoundOn}
        disabled={!props.hasSound}
        onPress={props.onSound}
      >
        <Icon name={isSoundOn ? 'sound' : 'silent'} />
      </Button>
      <Button kind="plain" label="Full screen" pressed={isFull} onPress={props.onFull}>
        <Icon name={isFull ? 'close' : 'full'} />
      </Button>
    </div>
  );
}

function PastButtons(props: {
  readonly past: PastControl;
  readonly onNow: () => void;
}): JSX.Element {
  const { past } = props;
  const isLive = past.isLive.value;
  const isPaused = past.isPaused.value;
  return (
    <>
      <Button
        kind="plain"
        label="10 seconds back"
        onPress={() => {
          past.skip(-SKIP_MS);
        }}
      >
        <span aria-hidden="true">−10</span>
      </Button>
      <Button
        kind="plain"
        label={isPaused ? 'Play' : 'Pause'}
        onPress={() => {
          past.togglePlay();
        }}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />
      </Button>
      <Button
        kind="plain"
        label="10 seconds on"
        disabled={isLive}
        onPress={() => {
          past.skip(SKIP_MS);
        }}
      >
        <span aria-hidden="true">+10</span>
      </Button>
      <Button kind="plain" pressed={isLive} onPress={props.onNow}>
        Now
      </Button>
    </>
  );
}
