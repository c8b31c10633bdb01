/** Whom the box spoke to, who watched, what is kept, and what Doorkeep cannot do: each with how to know it. */
import '../styles/privacy.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Privacy } from '../../server/contract/privacy.ts';
import type { Trouble } from '../api/call.ts';
import { Button } from '../components/button.tsx';
import { FactsPart, How } from '../components/facts.tsx';
import { HouseDrawing } from '../components/house-drawing.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { useFollowLock } from '../components/use-follow-lock.ts';
import { useLate } from '../components/use-late.ts';
import { WatchLanes } from '../components/watch-lanes.tsx';
import { cameras } from '../state/cameras.ts';
import { isLocked, lock } from '../state/lock.ts';
import { lookAtPrivacy, privacySeen, tryKernel, type PrivacySeen } from '../state/privacy.ts';
import { CANNOT, keptFacts, laneFact, lanesOf } from '../words/house-words.ts';
import {
  doorWords,
  firstLine,
  layerFacts,
  spokenTo,
  spokenWords,
  timeWords,
  triedFact,
  type Fact,
  type OpenDoor,
} from '../words/privacy-words.ts';

const REPORT = 'npm run -s doorkeep -- privacy report';
const VERIFY = 'npm run -s doorkeep -- audit verify';
const FSCK = 'npm run -s doorkeep -- fsck';
const GUARANTEE = 'less docs/guarantee.md';

/** See the head of this file. */
export function PrivacyPage(): JSX.Element {
  const locked = isLocked.value;
  useFollowLock();
  useEffect(() => {
    void lookAtPrivacy();
  }, [locked]);
  const seen = privacySeen.value;
  const isLate = useLate(seen === undefined);
  return (
    <PageFrame title="Privacy" back={{ page: 'settings' }}>
      {seen === undefined ? (
        isLate && <Note sentence="Asking the box whom it spoke to." />
      ) : (
        <div class="stack sections privacy-sheet">
          <FirstLine seen={seen} />
          <Actions />
          <TalksTo seen={seen} />
          <Watched seen={seen} />
          <Kept seen={seen} />
          <FactsPart
            id="cannot"
            title="What Doorkeep cannot do for you"
            facts={CANNOT}
            how="These are limits by design. The page docs/guarantee.md gives each its reason."
            command={GUARANTEE}
          />
        </div>
      )}
    </PageFrame>
  );
}

function FirstLine({ seen }: { readonly seen: PrivacySeen }): JSX.Element {
  const { privacy, trouble } = seen;
  const doors = doorsIn(seen);
  if (privacy === undefined) {
    return (
      <section class="stack close" aria-label="In one line">
        <p class="first-line" data-source="privacy">
          Not checked: the box did not tell.
        </p>
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
      </section>
    );
  }
  const facts = firstLine(privacy, doors, seen.atMs);
  const isAlarming = facts.some(({ tone }) => tone === 'alarm');
  return (
    <section class="stack" aria-label="In one line">
      <p class="first-line" data-tone={isAlarming ? 'alarm' : undefined}>
        {facts.map((fact) => (
          <span key={fact.text} data-source={fact.source} data-tone={fact.tone}>
            {fact.text}{' '}
          </span>
        ))}
      </p>
      <HouseDrawing {...drawingOf(privacy, doors, seen.atMs)} />
      <How
        how={`The box counts each connection as it makes it. Asked ${timeWords(seen.atMs, seen.atMs)}.`}
        command={REPORT}
      />
    </section>
  );
}

function Actions(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isTried, setTried] = useState(false);
  const seen = privacySeen.value;
  const tryNow = async (): Promise<void> => {
    const refused = await tryKernel();
    setTrouble(refused);
    setTried(refused === undefined);
  };
  const told =
    isTried && seen?.privacy !== undefined ? triedFact(seen.privacy, seen.atMs) : undefined;
  return (
    <div class="stack close privacy-actions">
      <div class="row">
        {!isLocked.value && (
          <Button
            onPress={() => {
              void lock();
            }}
          >
            Lock now
          </Button>
        )}
        <Button
          onPress={() => {
            void tryNow();
          }}
        >
          Try it now
        </Button>
        <Button
          onPress={() => {
            window.print();
          }}
        >
          Print
        </Button>
        <Link to={{ page: 'plug-test' }} class="button">
          Plug test
        </Link>
        <Link to={{ page: 'officers' }} class="button">
          If officers ask
        </Link>
        <Link to={{ page: 'stolen' }} class="button">
          If the box is stolen
        </Link>
      </div>
      <p role="status" data-source={told?.source}>
        {told?.text}
      </p>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
    </div>
  );
}

function TalksTo({ seen }: { readonly seen: PrivacySeen }): JSX.Element {
  const { privacy, atMs } = seen;
  return (
    <FactsPart
      id="talks"
      title="What it talks to"
      facts={privacy === undefined ? [NOT_CHECKED] : talkFacts(privacy, seen)}
      how={`The list of connections of this box, read ${timeWords(atMs, atMs)}.`}
      command={REPORT}
    />
  );
}

function Watched({ seen }: { readonly seen: PrivacySeen }): JSX.Element {
  const { looks, atMs } = seen;
  const lanes = looks === undefined ? [] : lanesOf(seen.people ?? [], looks);
  const facts = looks === undefined ? [NOT_CHECKED] : lanes.map((lane) => laneFact(lane, atMs));
  return (
    <FactsPart
      id="watched"
      title="Who watched"
      facts={facts}
      how={`The record, read ${timeWords(atMs, atMs)}. A look is written down before it is shown.`}
      command={VERIFY}
    >
      <WatchLanes lanes={lanes} nowMs={atMs} />
    </FactsPart>
  );
}

function Kept({ seen }: { readonly seen: PrivacySeen }): JSX.Element {
  const { storage, atMs } = seen;
  return (
    <FactsPart
      id="kept"
      title="What is kept, and when it goes"
      facts={storage === undefined ? [NOT_CHECKED] : keptFacts(storage, atMs, nameOf)}
      how={`Counted on the disk, read ${timeWords(atMs, atMs)}.`}
      command={FSCK}
    />
  );
}

const NOT_CHECKED: Fact = { text: 'Not checked: the box did not tell.', source: 'privacy' };

/** Everything, also what the drawing sums up. */
function talkFacts(privacy: Privacy, seen: PrivacySeen): Fact[] {
  const { atMs, doors } = seen;
  const opened = doorsIn(seen).map((door) => ({ text: doorWords(door), source: 'tokens' }));
  return [
    ...spokenTo(privacy).map((one) => ({
      text: spokenWords(one, atMs),
      source: 'privacy.destinations',
    })),
    ...privacy.refused.map(({ sentence, lastAt }) => ({
      text: `${sentence} The last time was ${timeWords(Date.parse(lastAt), atMs)}.`,
      source: 'privacy.refused',
    })),
    ...(doors === undefined
      ? [{ text: 'Open doors: not checked.', source: 'tokens' }]
      : opened.length === 0
        ? [{ text: 'No program outside Doorkeep gets pictures.', source: 'tokens' }]
        : opened),
    ...layerFacts(privacy, atMs),
  ];
}

function drawingOf(
  privacy: Privacy,
  doors: readonly OpenDoor[],
  nowMs: number,
): Parameters<typeof HouseDrawing>[0] {
  const spoken = spokenTo(privacy);
  const refused = privacy.refused.map(({ to, camera, part }) =>
    part === null
      ? `${to}, where ${camera?.name ?? 'a camera'} tried to send us`
      : `${to}, which a part of Doorkeep (${part}) tried to reach`,
  );
  const words = [
    'Drawing: the wall of the house, and the box inside it.',
    ...spoken.map((one) => `A line to ${spokenWords(one, nowMs)}`),
    ...refused.map((text) => `A line that stops at the wall: ${text}.`),
    ...doors.map((door) => `A door drawn open: ${doorWords(door)}`),
  ];
  return {
    words: words.join(' '),
    parts: {
      rows: spoken.map(({ name, address, lastMs, isOpen }) => ({
        ...{ name, address },
        last: isOpen ? 'spoken to now' : `last ${timeWords(lastMs, nowMs)}`,
      })),
      refused,
      doors: doors.map(({ name, camera }) => `${name}: pictures of ${camera ?? 'all'}`),
    },
  };
}

function doorsIn({ doors }: PrivacySeen): OpenDoor[] {
  return (doors ?? []).map(({ name, cameraId }) => ({
    ...{ name, camera: cameraId === null ? undefined : nameOf(cameraId) },
  }));
}

function nameOf(id: string): string {
  return cameras.value?.find((camera) => camera.id === id)?.name ?? 'A removed camera';
}
