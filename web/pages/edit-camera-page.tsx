/** Everything that can be changed about one camera. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { AddressText } from '../components/address-text.tsx';
import { Button } from '../components/button.tsx';
import { CameraSwitch, SoundSwitch } from '../components/camera-switches.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { RemoveCamera } from '../components/remove-camera.tsx';
import { RenameForm } from '../components/rename-form.tsx';
import { SourceForm } from '../components/source-form.tsx';
import { draftOfCamera, type SourceDraft } from '../state/camera-draft.ts';
import { cameras } from '../state/cameras.ts';
import { draftOf } from '../state/drafts.ts';
import { goTo } from '../state/route.ts';
import { pictureWords, stateWords } from '../words/camera-words.ts';

/** See the head of this file. */
export function EditCameraPage(props: { readonly id: string }): JSX.Element {
  const camera = cameraById(props.id);
  const isGone = cameras.value !== undefined && camera === undefined;
  return (
    <PageFrame title={camera?.name ?? 'Camera'} back={{ page: 'cameras' }}>
      {isGone && (
        <div class="stack">
          <Note sentence="This camera is not here any more.">
            <p>Somebody removed it. Nothing is to be done.</p>
          </Note>
          <p>
            <Link to={{ page: 'cameras' }} class="button">
              To the cameras
            </Link>
          </p>
        </div>
      )}
      {camera !== undefined && <Editing camera={camera} />}
    </PageFrame>
  );
}

function cameraById(id: string): Camera | undefined {
  return cameras.value?.find((camera) => camera.id === id);
}

function Editing(props: { readonly camera: Camera }): JSX.Element {
  const { camera } = props;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const words = stateWords(camera, browserClock.wallMs());
  return (
    <div class="stack sections">
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <section class="stack close" aria-label="State">
        <p>{words.sentence}</p>
        {words.hint !== undefined && <p class="small quiet">{words.hint}</p>}
        {camera.video !== undefined && (
          <p class="small quiet">It sends {pictureWords(camera.video)}.</p>
        )}
      </section>
      <section class="card stack" aria-label="Name and switches">
        {/* Another name from elsewhere, or by Undo, is a new beginning. */}
        <RenameForm key={camera.name} camera={camera} onTrouble={setTrouble} />
        <CameraSwitch camera={camera} onTrouble={setTrouble} />
        <SoundSwitch camera={camera} onTrouble={setTrouble} />
      </section>
      <SourceSection camera={camera} />
      <div>
        <RemoveCamera
          camera={camera}
          onRemoved={() => {
            goTo({ page: 'cameras' }, 'replace');
          }}
        />
      </div>
    </div>
  );
}

/** Closed until somebody wants to change it; left half-filled, it is found so again. */
function SourceSection(props: { readonly camera: Camera }): JSX.Element {
  const { camera } = props;
  const key = `source of ${camera.id}`;
  const draft = useMemo(() => draftOf<SourceDraft | undefined>(key, () => undefined), [key]);
  // By Undo, or from elsewhere, it may become another again.
  const [savedUrl, setSavedUrl] = useState('');
  return (
    <section class="card stack" aria-label="Address and password">
      <div class="row spread">
        <div class="address">
          <h2>Address</h2>
          <p class="quiet">
            <AddressText address={camera.source.url} />
          </p>
        </div>
        {draft.value === undefined && (
          <Button
            label="Change the address"
            onPress={() => {
              draft.value = draftOfCamera(camera);
              setSavedUrl('');
            }}
          >
            Change
          </Button>
        )}
      </div>
      {savedUrl === camera.source.url && <Note sentence="It works, and is saved." />}
      {draft.value !== undefined && (
        <SourceForm
          camera={camera}
          draft={draft.value}
          onDraft={(next) => {
            draft.value = next;
          }}
          onDone={(saved) => {
            draft.value = undefined;
            setSavedUrl(saved ? (cameraById(camera.id)?.source.url ?? '') : '');
          }}
        />
      )}
    </section>
  );
}
