/** One camera in the list: its state in words, and what is done to it most. */
import type { JSX } from 'preact';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { moveCamera } from '../state/camera-calls.ts';
import { stateWords } from '../words/camera-words.ts';
import { Button } from './button.tsx';
import { CameraSwitch } from './camera-switches.tsx';
import { Icon } from './icon.tsx';
import { Link } from './link.tsx';

/** `isFirst`, `isLast`: where it cannot move any further. */
export function CameraCard(props: {
  readonly camera: Camera;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { camera, onTrouble } = props;
  const { id, name } = camera;
  const words = stateWords(camera, browserClock.wallMs());
  const move = (step: -1 | 1): void => {
    void moveCamera(camera, step).then(onTrouble);
  };
  return (
    <article class="card stack close" aria-label={name}>
      <div class="row spread">
        <h2 class="name">
          <Link to={{ page: 'camera', id, atMs: undefined }}>{name}</Link>
        </h2>
        <CameraSwitch camera={camera} onTrouble={onTrouble} isShort />
      </div>
      <div>
        <p>{words.sentence}</p>
        {words.hint !== undefined && <p class="small quiet">{words.hint}</p>}
      </div>
      <div class="row spread">
        <Link to={{ page: 'edit-camera', id }} class="button" label={`Change ${name}`}>
          Change
        </Link>
        <div class="row">
          <Button
            label={`Move ${name} up`}
            disabled={props.isFirst}
            onPress={() => {
              move(-1);
            }}
          >
            <Icon name="up" />
          </Button>
          <Button
            label={`Move ${name} down`}
            disabled={props.isLast}
            onPress={() => {
              move(1);
            }}
          >
            <Icon name="down" />
          </Button>
        </div>
      </div>
    </article>
  );
}
