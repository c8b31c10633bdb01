/**
 * A wall screen, for an old tablet on the wall: live and nothing else, awake, dim when nobody is there.
 * The box refuses everything else to it (`Session.liveOnly`), whatever its address says.
 */
import '../styles/wall-screen.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { Button } from '../components/button.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { useIdle } from '../components/use-idle.ts';
import { useWakeLock } from '../components/use-wake-lock.ts';
import { Watchers } from '../components/watchers.tsx';
import { WallView } from '../components/wall-view.tsx';
import { signOut } from '../state/box.ts';
import { cameras, camerasTrouble } from '../state/cameras.ts';

/** experience.md, "The wall". */
const DIM_MS = 5 * 60_000;

/** There is no picture in a picture here: it is all of the screen already. */
const NOT_FULL = { isFull: false, toggle: () => undefined };

/** See the head of this file. */
export function WallScreenPage(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isDim = useIdle(true, DIM_MS);
  const isAwake = useWakeLock();
  useEffect(() => {
    document.title = 'Doorkeep';
  }, []);
  const all = cameras.value;
  return (
    <main class="wall-screen" data-dim={isDim}>
      {all !== undefined && all.length > 0 ? (
        <div class="wall-page">
          <WallView cameras={all} full={NOT_FULL} isScreen />
        </div>
      ) : (
        <Waiting hasNone={all !== undefined} />
      )}
      <footer class="wall-screen-corner">
        <Watchers />
        <p>
          Wall screen: live only, the past stays locked here.
          {!isAwake && ' This browser lets the screen sleep.'}
        </p>
        <Button
          kind="plain"
          onPress={() => {
            void signOut().then(setTrouble);
          }}
        >
          Leave
        </Button>
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
      </footer>
    </main>
  );
}

function Waiting(props: { readonly hasNone: boolean }): JSX.Element | null {
  if (camerasTrouble.value !== undefined) return <TroubleNote trouble={camerasTrouble.value} />;
  return props.hasNone ? (
    <Note sentence="There is no camera yet. Leave the wall screen to add one." />
  ) : null;
}
