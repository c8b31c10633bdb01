/** One camera, now or at a moment of the past: `/camera/ID`, `/camera/ID?at=MOMENT`. */
import type { JSX } from 'preact';
import { CameraNeighbours } from '../components/camera-neighbours.tsx';
import { CameraView } from '../components/camera-view.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { useLate } from '../components/use-late.ts';
import { cameras, camerasTrouble } from '../state/cameras.ts';

/** See the head of this file. */
export function CameraPage(props: {
  readonly id: string;
  readonly atMs: number | undefined;
}): JSX.Element {
  const { id, atMs } = props;
  const all = cameras.value;
  const camera = all?.find((each) => each.id === id);
  const isLate = useLate(all === undefined);
  if (all === undefined || camera === undefined) {
    return (
      <PageFrame title="Camera" back={{ page: 'wall' }}>
        {all !== undefined ? (
          <GoneCamera />
        ) : camerasTrouble.value !== undefined ? (
          <TroubleNote trouble={camerasTrouble.value} />
        ) : (
          isLate && <Note sentence="Asking the box for its cameras." />
        )}
      </PageFrame>
    );
  }
  return (
    <PageFrame
      title={camera.name}
      back={{ page: 'wall' }}
      wide
      corner={<CameraNeighbours cameras={all} id={id} atMs={atMs} />}
    >
      <CameraView camera={camera} cameras={all} atMs={atMs} />
    </PageFrame>
  );
}

function GoneCamera(): JSX.Element {
  return (
    <div class="stack">
      <Note sentence="This camera is not here any more.">
        <p>It was removed, or the address is from another box.</p>
      </Note>
      <div class="row">
        <Link to={{ page: 'wall' }} class="button">
          To the cameras
        </Link>
      </div>
    </div>
  );
}
