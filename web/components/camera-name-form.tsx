/** The last step of a new camera: what the household calls it, and whether sound is kept. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AddedCamera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { addCamera } from '../state/camera-calls.ts';
import type { CameraDraft } from '../state/camera-draft.ts';
import { cameras } from '../state/cameras.ts';
import { SOUND_ADVICE, suggestedNames } from '../words/camera-words.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { Reveal } from './reveal.tsx';
import { Switch } from './switch.tsx';
import { useCancellable } from './use-cancellable.ts';
import { WaitNote } from './wait-note.tsx';

/** `seen`: the source that was tried; what is typed here is added to it. */
export function CameraNameForm(props: {
  readonly draft: Signal<CameraDraft>;
  readonly seen: NonNullable<CameraDraft['seen']>;
  readonly onAdded: (camera: AddedCamera) => void;
}): JSX.Element {
  const { draft, seen } = props;
  const { name, sound } = draft.value;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const saving = useCancellable();
  const rename = (next: string): void => {
    draft.value = { ...draft.value, name: next };
  };
  const save = (): Promise<void> =>
    saving.begin(async (signal) => {
      setTrouble(undefined);
      const outcome = await addCamera({ name: name.trim(), source: seen.source, sound }, signal);
      if (outcome.ok) props.onAdded(outcome.value);
      else if (!signal.aborted) setTrouble(outcome.trouble);
    });
  return (
    <Form label="Its name" onSubmit={save}>
      <Field
        label="What do you call it?"
        autocomplete="off"
        required
        value={name}
        onInput={rename}
      />
      <div class="row" role="group" aria-label="Names to choose from">
        {suggestedNames((cameras.value ?? []).map((camera) => camera.name)).map((suggestion) => (
          <Button
            key={suggestion}
            pressed={suggestion === name}
            onPress={() => {
              rename(suggestion);
            }}
          >
            {suggestion}
          </Button>
        ))}
      </div>
      {seen.test.main.audio !== undefined && (
        <Switch
          label="Keep its sound, too"
          help={SOUND_ADVICE}
          on={sound}
          onChange={(on) => {
            draft.value = { ...draft.value, sound: on };
          }}
        />
      )}
      {trouble !== undefined && !saving.isRunning && (
        <Reveal>
          <TroubleNote trouble={trouble} />
        </Reveal>
      )}
      {saving.isRunning ? (
        <WaitNote what="One more look at the camera, then it is saved." onCancel={saving.cancel} />
      ) : (
        <Button kind="main" type="submit">
          Save and watch
        </Button>
      )}
    </Form>
  );
}
