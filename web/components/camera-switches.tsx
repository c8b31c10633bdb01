/** What can be switched about a camera: whether it is on, and whether its sound is kept. */
import type { JSX } from 'preact';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { changeWithUndo } from '../state/camera-calls.ts';
import { SOUND_ADVICE } from '../words/camera-words.ts';
import { Switch } from './switch.tsx';

/** On or off. `isShort`: beside its name, without more words. */
export function CameraSwitch(props: {
  readonly camera: Camera;
  readonly isShort?: boolean;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { id, name, enabled } = props.camera;
  const toggle = (on: boolean): void => {
    void changeWithUndo(id, {
      patch: { enabled: on },
      back: { enabled: !on },
      sentence: `${name} is switched ${on ? 'on' : 'off'}.`,
    }).then(props.onTrouble);
  };
  return props.isShort === true ? (
    <Switch label="On" name={`${name} is on`} on={enabled} onChange={toggle} />
  ) : (
    <Switch
      label="On"
      name={`${name} is on`}
      help="Off: nothing is watched or recorded. What was recorded before stays."
      on={enabled}
      onChange={toggle}
    />
  );
}

/** Sound, kept with the pictures or not. */
export function SoundSwitch(props: {
  readonly camera: Camera;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { id, name, sound } = props.camera;
  return (
    <Switch
      label="Keep its sound, too"
      help={SOUND_ADVICE}
      on={sound}
      onChange={(on) => {
        void changeWithUndo(id, {
          patch: { sound: on },
          back: { sound: !on },
          sentence: `The sound of ${name} is ${on ? 'kept' : 'not kept any more'}.`,
        }).then(props.onTrouble);
      }}
    />
  );
}
