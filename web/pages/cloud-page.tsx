/** How a camera is kept from its maker's cloud; it ends with a look whether its pictures still come. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { Button } from '../components/button.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { cameras, camerasTrouble } from '../state/cameras.ts';
import { lookAtCamera, type CloudLook } from '../state/cloud-look.ts';
import { noteTried } from '../state/first-steps.ts';
import { AT_THE_CAMERA, AT_THE_ROUTER, MAY_STOP, placeWords } from '../words/cloud-words.ts';

/** See the head of this file. */
export function CloudPage(): JSX.Element {
  const watched = cameras.value?.filter(({ enabled }) => enabled) ?? [];
  return (
    <PageFrame title="The camera’s cloud" back={{ page: 'settings' }}>
      <div class="stack sections">
        <p>
          Doorkeep sends nothing out. But most cameras talk to their maker by themselves, and what
          goes from the camera to the router does not pass this box. You can end that.
        </p>
        <Steps id="camera" title="1. At the camera" steps={AT_THE_CAMERA} />
        {/* Where cameras are stands in the middle: nothing is pushed down by it. */}
        {(cameras.value ?? camerasTrouble.value) !== undefined && <TheRest watched={watched} />}
      </div>
    </PageFrame>
  );
}

function TheRest({ watched }: { readonly watched: readonly Camera[] }): JSX.Element {
  const places = watched.flatMap(({ name, source }) => placeWords(name, source.url) ?? []);
  return (
    <>
      <Steps id="router" title="2. Or at the router" steps={[...AT_THE_ROUTER, ...places]} />
      <Steps id="stops" title="What may stop" steps={MAY_STOP} />
      <section class="card stack" aria-labelledby="look">
        <h2 id="look">3. Look again</h2>
        {watched.length === 0 ? (
          <Note sentence="Add a camera first: there is nothing to look at yet." />
        ) : (
          watched.map((camera) => <Look key={camera.id} camera={camera} />)
        )}
      </section>
    </>
  );
}

function Steps(props: {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly string[];
}): JSX.Element {
  return (
    <section class="card stack close" aria-labelledby={props.id}>
      <h2 id={props.id}>{props.title}</h2>
      <ul class="stack close">
        {props.steps.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  );
}

/** A press always says something new: what was seen before is gone while it looks. */
function Look({ camera }: { readonly camera: Camera }): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const [seen, setSeen] = useState<CloudLook | undefined>(undefined);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const look = async (): Promise<void> => {
    setBusy(true);
    setSeen(undefined);
    const found = await lookAtCamera(camera);
    setBusy(false);
    setSeen(found);
    if (found.came) setTrouble(await noteTried('cloud'));
  };
  return (
    <div class="stack close">
      <div class="row">
        <Button
          disabled={isBusy}
          onPress={() => {
            void look();
          }}
        >
          Look at {camera.name} now
        </Button>
      </div>
      <div role="status" class="stack close">
        {isBusy && <p>Waiting for a new picture of {camera.name}.</p>}
        {seen !== undefined && <p>{seen.sentence}</p>}
        {seen?.came === false && <p>{seen.hint}</p>}
        {seen?.came === true && <p>What its maker no longer gets, only your router can tell.</p>}
      </div>
      {seen?.came === true && (
        <p>
          <Link to={{ page: 'camera', id: camera.id, atMs: undefined }}>See it yourself</Link>
        </p>
      )}
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
    </div>
  );
}
