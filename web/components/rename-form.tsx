/** What a camera is called; the old name is one Undo away. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { changeWithUndo } from '../state/camera-calls.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';

/** See the head of this file. */
export function RenameForm(props: {
  readonly camera: Camera;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { id, name } = props.camera;
  const [typed, setTyped] = useState(name);
  const wanted = typed.trim();
  const rename = async (): Promise<void> => {
    if (wanted === '' || wanted === name) return;
    props.onTrouble(
      await changeWithUndo(id, {
        patch: { name: wanted },
        back: { name },
        sentence: `${name} is called ${wanted} now.`,
      }),
    );
  };
  return (
    <Form label="Rename" onSubmit={rename}>
      <Field label="Name" autocomplete="off" required value={typed} onInput={setTyped} />
      {wanted !== '' && wanted !== name && (
        <div class="row">
          <Button kind="main" type="submit">
            Rename
          </Button>
          <Button
            kind="plain"
            onPress={() => {
              setTyped(name);
            }}
          >
            Leave it
          </Button>
        </div>
      )}
    </Form>
  );
}
