/** A new camera: where it is, one look at it, then its name. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AddedCamera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { tryCamera } from '../state/camera-calls.ts';
import {
  candidatesOf,
  isSameSource,
  type CameraDraft,
  type SourceDraft,
} from '../state/camera-draft.ts';
import { findPicture } from '../state/camera-search.ts';
import { hostIn, splitLogin } from '../words/camera-makers.ts';
import { Button } from './button.tsx';
import { CameraNameForm } from './camera-name-form.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { Reveal } from './reveal.tsx';
import { SourceFields } from './source-fields.tsx';
import { TestedPicture } from './tested-picture.tsx';
import { useCancellable } from './use-cancellable.ts';
import { WaitNote } from './wait-note.tsx';

const PASSWORD_HELP = 'Stays on this box; nobody is shown it again.';

/** `draft` outlives this form. `onAdded` is called once it is saved. */
export function CameraForm(props: {
  readonly draft: Signal<CameraDraft>;
  readonly onAdded: (camera: AddedCamera) => void;
}): JSX.Element {
  const { draft } = props;
  // A look at another address, or with another password, says nothing about this one.
  const { seen } = draft.value;
  const isSeen =
    seen !== undefined &&
    candidatesOf(draft.value).some(({ source }) => isSameSource(source, seen.source));
  if (!isSeen) return <Where draft={draft} />;
  return (
    <Reveal whole>
      <TestedPicture test={seen.test} />
      <div class="row spread">
        <p>From {hostIn(draft.value.address)}</p>
        <Button
          label="Change the address"
          onPress={() => {
            draft.value = { ...draft.value, seen: undefined };
          }}
        >
          Change
        </Button>
      </div>
      <CameraNameForm draft={draft} seen={seen} onAdded={props.onAdded} />
    </Reveal>
  );
}

/** The first step: its address and password, tried until a picture comes. */
function Where(props: { readonly draft: Signal<CameraDraft> }): JSX.Element {
  const { draft } = props;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [trying, setTrying] = useState('');
  const search = useCancellable();
  const change = (changes: Partial<CameraDraft>): void => {
    draft.value = { ...draft.value, ...changes };
  };
  const look = (): Promise<void> =>
    search.begin(async (signal) => {
      change({ ...splitLogin(draft.value.address), seen: undefined });
      setTrouble(undefined);
      const candidates = candidatesOf(draft.value);
      const found = await findPicture(
        candidates,
        (source) => tryCamera(source, signal),
        (index) => {
          setTrying(tryingWords(draft.value, candidates.length, index));
        },
      );
      if (found.ok) change({ seen: { source: found.candidate.source, test: found.test } });
      else if (!signal.aborted) setTrouble(found.trouble);
    });
  return (
    <Form label="Where the camera is" onSubmit={look}>
      <SourceFields draft={draft.value} passwordHelp={PASSWORD_HELP} onChange={change} />
      {trouble !== undefined && !search.isRunning && (
        <Reveal>
          <TroubleNote trouble={trouble} />
        </Reveal>
      )}
      {search.isRunning ? (
        <WaitNote what={trying} onCancel={search.cancel} />
      ) : (
        <Button kind="main" type="submit">
          Try it
        </Button>
      )}
    </Form>
  );
}

function tryingWords(draft: SourceDraft, count: number, index: number): string {
  const host = hostIn(draft.address);
  return count === 1
    ? `Asking ${host} for a picture.`
    : `Asking ${host} for a picture, way ${String(index + 1)} of ${String(count)}.`;
}
