/** The household's cameras in its own order: how each is, on or off, and the way to change it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { CameraCard } from '../components/camera-card.tsx';
import { Icon } from '../components/icon.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { cameras, camerasTrouble } from '../state/cameras.ts';

/** See the head of this file. */
export function CamerasPage(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const list = cameras.value;
  const shown = trouble ?? camerasTrouble.value;
  return (
    <PageFrame title="Cameras">
      <div class="stack">
        {shown !== undefined && <TroubleNote trouble={shown} />}
        {list?.length === 0 && (
          <Note sentence="There is no camera yet.">
            <p>Add the first one; a minute later its picture is on the page Home.</p>
          </Note>
        )}
        {list !== undefined && list.length > 0 && (
          <ol class="stack">
            {list.map((camera, index) => (
              <li key={camera.id}>
                <CameraCard
                  camera={camera}
                  isFirst={index === 0}
                  isLast={index === list.length - 1}
                  onTrouble={setTrouble}
                />
              </li>
            ))}
          </ol>
        )}
        {list !== undefined && (
          <p>
            <Link to={{ page: 'new-camera' }} class="button main">
              <Icon name="add" />
              Add a camera
            </Link>
          </p>
        )}
      </div>
    </PageFrame>
  );
}
