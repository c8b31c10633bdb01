/** The page that Doorkeep opens on: the pictures of all cameras. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { FirstStepCards } from '../components/first-step-cards.tsx';
import { Icon } from '../components/icon.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { useFullScreen } from '../components/use-full-screen.ts';
import { useLate } from '../components/use-late.ts';
import { WallView } from '../components/wall-view.tsx';
import { cameras, camerasTrouble } from '../state/cameras.ts';
import { isOwner } from '../state/rights.ts';

/** See the head of this file. */
export function WallPage(): JSX.Element {
  const wall = useRef<HTMLDivElement>(null);
  const full = useFullScreen(wall);
  const all = cameras.value;
  const hasCameras = all !== undefined && all.length > 0;
  return (
    <PageFrame
      title="Home"
      wide={hasCameras}
      corner={
        hasCameras && (
          <Button kind="plain" label="Full screen" pressed={full.isFull} onPress={full.toggle}>
            <Icon name="full" />
          </Button>
        )
      }
    >
      {hasCameras ? (
        <>
          <div ref={wall} class="wall-page" data-full={full.isFull}>
            <WallView cameras={all} full={full} />
          </div>
          {isOwner.value && !full.isFull && <FirstStepCards />}
        </>
      ) : all === undefined ? (
        <Waiting />
      ) : isOwner.value ? (
        <FirstCamera />
      ) : (
        <NoCamera />
      )}
    </PageFrame>
  );
}

function Waiting(): JSX.Element | null {
  const isLate = useLate(true);
  if (camerasTrouble.value !== undefined) return <TroubleNote trouble={camerasTrouble.value} />;
  return isLate ? <Note sentence="Asking the box for its cameras." /> : null;
}

/** For others there may be some that they do not see. */
function NoCamera(): JSX.Element {
  return (
    <Note sentence="There is no camera for you yet.">
      <p>The owner of the box adds them, and decides who sees which.</p>
    </Note>
  );
}

/** No camera yet: one thing to do. */
function FirstCamera(): JSX.Element {
  return (
    <div class="first-camera">
      <h2>Who is at the door?</h2>
      <p class="quiet">
        Add the first camera, and it is here, live and recorded, and nowhere outside this home.{' '}
        <Link to={{ page: 'privacy' }}>How do you know?</Link>
      </p>
      <Link to={{ page: 'new-camera' }} class="button">
        <Icon name="add" />
        Add the first camera
      </Link>
    </div>
  );
}
