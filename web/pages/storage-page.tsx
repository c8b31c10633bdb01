/** What is kept, how long, and what goes next; limits, protected footage, and who opens it. */
import '../styles/storage.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { StorageDays, StorageUse } from '../../server/contract/storage.ts';
import { CameraStorage } from '../components/camera-storage.tsx';
import { DiskRoomBar } from '../components/disk-room.tsx';
import { KeptPhones } from '../components/kept-phones.tsx';
import { KeysSection } from '../components/keys-section.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { StorageWarnings } from '../components/storage-warnings.tsx';
import { useFollowLock } from '../components/use-follow-lock.ts';
import { useLate } from '../components/use-late.ts';
import { boxNowMs } from '../state/box-time.ts';
import { cameras } from '../state/cameras.ts';
import { refreshKeys } from '../state/keys.ts';
import { refreshProtected } from '../state/protected.ts';
import {
  followStorage,
  protectedBytes,
  storageDays,
  storageTrouble,
  storageUse,
} from '../state/storage-use.ts';
import { dayBars, shownDays, tallestBytes } from '../timeline/day-bars.ts';
import { nextWords, rateWords, soonest } from '../words/storage-words.ts';

/** See the head of this file. */
export function StoragePage(): JSX.Element {
  useEffect(() => {
    const following = followStorage();
    return () => {
      following.cancel();
    };
  }, []);
  useFollowLock();
  const all = cameras.value;
  const isRestKnown = useRest(all);
  const use = storageUse.value;
  const days = storageDays.value;
  const trouble = storageTrouble.value;
  // All answers or none: what comes later would push down what stands there.
  const isThere = all !== undefined && use !== undefined && days !== undefined && isRestKnown;
  const isLate = useLate(!isThere && trouble === undefined);
  return (
    <PageFrame title="Storage">
      <div class="stack sections">
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
        {isThere ? (
          <Kept cameras={all} use={use} days={days} />
        ) : (
          isLate && <Note sentence="Counting what is on the disk." />
        )}
        {(isThere || trouble !== undefined) && (
          <>
            <KeysSection />
            <KeptPhones />
          </>
        )}
      </div>
    </PageFrame>
  );
}

function Kept(props: {
  readonly cameras: readonly Camera[];
  readonly use: StorageUse;
  readonly days: StorageDays;
}): JSX.Element {
  const { use } = props;
  const { days } = props.days;
  const nowMs = boxNowMs();
  const shown = shownDays(days, nowMs);
  const tallest = tallestBytes(days, shown);
  const first = soonest(use.cameras);
  const nameOf = (id: string): string =>
    props.cameras.find((camera) => camera.id === id)?.name ?? 'A removed camera';
  return (
    <>
      <StorageWarnings warnings={use.warnings} nameOf={nameOf} />
      <section class="card stack" aria-labelledby="next">
        <div class="stack close">
          <h2 id="next">What happens next</h2>
          {first === undefined ? (
            <p>Nothing is recorded yet. Add a camera, and footage is kept here.</p>
          ) : (
            <p>
              {rateWords(first)} {nextWords(first, nowMs, nameOf(first.camera))}
            </p>
          )}
        </div>
        <DiskRoomBar room={{ ...use, protectedBytes: protectedBytes.value }} />
      </section>
      {props.cameras.map(({ id, name }) => {
        const its = use.cameras.find(({ camera }) => camera === id);
        if (its === undefined) return null;
        const bars = dayBars(days, id, shown);
        return (
          <CameraStorage
            key={id}
            {...{ use: its, name, bars, tallest, nowMs }}
            isTold={props.cameras.length === 1}
          />
        );
      })}
    </>
  );
}

/** Whether it is known what is protected of all cameras, and who can open the past; asked once. */
function useRest(all: readonly Camera[] | undefined): boolean {
  const [isKnown, setKnown] = useState(false);
  const ids = all?.map(({ id }) => id).join(' ');
  useEffect(() => {
    if (ids === undefined) return;
    const each = ids.split(' ').filter((id) => id !== '');
    // What could not be told stays out of the page, and the rest of it comes all the same.
    void Promise.all([refreshKeys(), ...each.map(refreshProtected)]).then(() => {
      setKnown(true);
    });
  }, [ids]);
  return isKnown;
}
