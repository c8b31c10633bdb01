/** Removing a camera takes its footage along: asked before, with what is lost. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { removeCamera } from '../state/camera-calls.ts';
import { refreshStorageUse, useOf } from '../state/storage-use.ts';
import { lossWords } from '../words/camera-words.ts';
import { Button } from './button.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { TroubleNote } from './note.tsx';

/** `onRemoved` is called once it is gone. */
export function RemoveCamera(props: {
  readonly camera: Camera;
  readonly onRemoved: () => void;
}): JSX.Element {
  const { id, name } = props.camera;
  const [isAsked, setAsked] = useState(false);
  const [counted, setCounted] = useState<'counting' | 'told' | 'unknown'>('counting');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const ask = async (): Promise<void> => {
    setAsked(true);
    setCounted((await refreshStorageUse()) ? 'told' : 'unknown');
  };
  const remove = async (): Promise<void> => {
    setBusy(true);
    const refused = await removeCamera(id);
    setBusy(false);
    if (refused === undefined) props.onRemoved();
    else setTrouble(refused);
  };
  return (
    <>
      <Button
        kind="delete"
        onPress={() => {
          void ask();
        }}
      >
        Remove {name}
      </Button>
      {isAsked && (
        <ConfirmDialog
          question={`Remove ${name}?`}
          action="Remove it"
          busy={isBusy || counted === 'counting'}
          onAct={() => {
            void remove();
          }}
          onKeep={() => {
            setAsked(false);
            setTrouble(undefined);
          }}
        >
          <div class="stack close">
            <p>{counted === 'counting' ? 'Counting what is lost.' : lossWords(useOf(id))}</p>
            {trouble !== undefined && <TroubleNote trouble={trouble} />}
          </div>
        </ConfirmDialog>
      )}
    </>
  );
}
