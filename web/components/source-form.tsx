/** Another address or password for a camera that is there: tried first, saved only if it works. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Camera, RtspSourcePatch } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { changeCamera } from '../state/camera-calls.ts';
import { sourcePatch, undoOfPatch, type SourceDraft } from '../state/camera-draft.ts';
import { offerUndo } from '../state/undo.ts';
import { hostIn, splitLogin } from '../words/camera-makers.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { Note, TroubleNote } from './note.tsx';
import { Reveal } from './reveal.tsx';
import { SourceFields } from './source-fields.tsx';
import { useCancellable } from './use-cancellable.ts';
import { WaitNote } from './wait-note.tsx';

const PASSWORD_HELP =
  'Empty: it stays as it is. It is never shown, and another address needs it typed again.';

/** `draft` outlives this form. `onDone`: saved, or left as it was; the draft has done its work. */
export function SourceForm(props: {
  readonly camera: Camera;
  readonly draft: SourceDraft;
  readonly onDraft: (draft: SourceDraft) => void;
  readonly onDone: (isSaved: boolean) => void;
}): JSX.Element {
  const { camera, draft, onDraft } = props;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isSame, setSame] = useState(false);
  const trial = useCancellable();
  const save = (): Promise<void> =>
    trial.begin(async (signal) => {
      const typed = { ...draft, ...splitLogin(draft.address) };
      onDraft(typed);
      setTrouble(undefined);
      const patch = sourcePatch(typed, camera);
      setSame(patch === undefined);
      if (patch === undefined) return;
      const refused = await changeCamera(camera.id, { source: patch }, signal);
      if (refused !== undefined) {
        if (!signal.aborted) setTrouble(refused);
        return;
      }
      offerWayBack(camera, patch);
      props.onDone(true);
    });
  return (
    <Form label="Address and password" onSubmit={save}>
      <SourceFields
        draft={draft}
        passwordHelp={PASSWORD_HELP}
        onChange={(changes) => {
          onDraft({ ...draft, ...changes });
        }}
      />
      {isSame && <Note sentence="Nothing is different from what is saved." />}
      {trouble !== undefined && !trial.isRunning && (
        <Reveal>
          <TroubleNote trouble={trouble} />
          <p class="small quiet">{camera.name} goes on as it was.</p>
        </Reveal>
      )}
      {trial.isRunning ? (
        <WaitNote what={`Asking ${hostIn(draft.address)} for a picture.`} onCancel={trial.cancel} />
      ) : (
        <div class="row">
          <Button kind="main" type="submit">
            Try it and save
          </Button>
          <Button
            kind="plain"
            onPress={() => {
              props.onDone(false);
            }}
          >
            Leave it
          </Button>
        </div>
      )}
    </Form>
  );
}

function offerWayBack(camera: Camera, patch: RtspSourcePatch): void {
  const back = undoOfPatch(patch, camera);
  if (back === undefined) return;
  offerUndo({
    sentence: `${camera.name} has another address now.`,
    undo: async () => {
      await changeCamera(camera.id, { source: back });
    },
  });
}
