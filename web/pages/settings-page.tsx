/** What is set for this browser and for the box, and where the other things are. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { BackupSection } from '../components/backup-section.tsx';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { FirstStepList } from '../components/first-step-list.tsx';
import { IndexNotes } from '../components/index-notes.tsx';
import { LearnedAddresses } from '../components/learned-addresses.tsx';
import { LetPhonesIn } from '../components/let-phones-in.tsx';
import { Link } from '../components/link.tsx';
import { TroubleNote } from '../components/note.tsx';
import { NetworksInSection } from '../components/networks-in.tsx';
import { OwnPassword } from '../components/own-password.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { ProgramNote } from '../components/program-note.tsx';
import { ProgramsSection } from '../components/programs-section.tsx';
import { becomeWallScreen, signOut, userName } from '../state/box.ts';
import { isOwner, mayOpen, seesPast } from '../state/rights.ts';
import type { Route } from '../state/route.ts';
import { settings } from '../state/settings.ts';
import { theme, type Theme } from '../state/theme.ts';
import { signedInWords } from '../words/people-words.ts';

const THEMES: readonly { readonly value: Theme; readonly word: string }[] = [
  { value: 'system', word: 'Like the system' },
  { value: 'light', word: 'Light' },
  { value: 'dark', word: 'Dark' },
];

const PLACES: readonly { readonly to: Route; readonly word: string; readonly about: string }[] = [
  { to: { page: 'cameras' }, word: 'Cameras', about: 'Add, change, order, remove.' },
  { to: { page: 'people' }, word: 'People', about: 'Who lives here, and what they may see.' },
  { to: { page: 'exports' }, word: 'Exports', about: 'Copies of footage that were asked for.' },
  { to: { page: 'privacy' }, word: 'Privacy', about: 'Whom the box spoke to, and how to know it.' },
  { to: { page: 'record' }, word: 'Record', about: 'Who did what, and who looked at what.' },
  { to: { page: 'storage' }, word: 'Storage', about: 'What is kept, how long, and its key.' },
  { to: { page: 'officers' }, word: 'If officers ask', about: 'What to do, on one sheet.' },
  { to: { page: 'stolen' }, word: 'If the box is stolen', about: 'What to do, on one sheet.' },
];

/** See the head of this file. */
export function SettingsPage(): JSX.Element {
  return (
    <PageFrame title="Settings">
      <div class="stack sections">
        {seesPast.value && <IndexNotes />}
        <SignedIn />
        {isOwner.value && <BackupSection />}
        <WallScreen />
        <section class="card stack" aria-labelledby="appearance">
          <h2 id="appearance">Appearance</h2>
          <Choice
            label="In this browser"
            options={THEMES}
            value={theme.value}
            onChange={(chosen) => {
              theme.value = chosen;
            }}
          />
        </section>
        {isOwner.value && <FirstStepList />}
        <section class="card stack" aria-labelledby="places">
          <h2 id="places">Where things are</h2>
          <ul class="places">
            {PLACES.filter(({ to }) => mayOpen(to.page)).map(({ to, word, about }) => (
              <li key={word}>
                <Link to={to}>{word}</Link>
                <span class="small quiet">{about}</span>
              </li>
            ))}
          </ul>
          <ProgramNote />
        </section>
        {/* Last, because it grows once the box has answered. */}
        {isOwner.value && <ForTheOwner />}
      </div>
    </PageFrame>
  );
}

/** What stands below waits for the settings, too: nothing is pushed down by them. */
function ForTheOwner(): JSX.Element {
  return (
    <>
      <LetPhonesIn />
      {settings.value !== undefined && (
        <>
          <LearnedAddresses learned={settings.value.learnedAddresses} />
          <NetworksInSection networks={settings.value.networks} />
          <ProgramsSection />
        </>
      )}
    </>
  );
}

/** Said before, because the way back is signing in again. */
function WallScreen(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  return (
    <section class="card stack close" aria-labelledby="wall-screen">
      <h2 id="wall-screen">Wall screen</h2>
      <p class="small quiet">
        For a tablet on the wall: live pictures, and nothing else. It never opens the past, keeps
        the screen awake and dims it when nobody touches it. To come back, sign in again.
      </p>
      <div class="row">
        <Button
          onPress={() => {
            void becomeWallScreen().then(setTrouble);
          }}
        >
          Make this a wall screen
        </Button>
      </div>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
    </section>
  );
}

function SignedIn(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  return (
    <section class="card stack close" aria-labelledby="person">
      <div class="row spread">
        <div>
          <h2 id="person">{userName.value}</h2>
          <p class="small quiet">{signedInWords(isOwner.value, seesPast.value)}</p>
        </div>
        <Button
          onPress={() => {
            void signOut().then(setTrouble);
          }}
        >
          Sign out
        </Button>
      </div>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <OwnPassword />
    </section>
  );
}
