/** Who did what and when, in plain words: the same page for everybody at home. */
import '../styles/record.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AuditEntry, AuditOutcome } from '../../server/contract/audit.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { Button } from '../components/button.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { Select } from '../components/select.tsx';
import { UnlockForm } from '../components/unlock-form.tsx';
import { useFollowLock } from '../components/use-follow-lock.ts';
import { cameras } from '../state/cameras.ts';
import { isLocked } from '../state/lock.ts';
import {
  checkRecord,
  EVERYTHING,
  followCheck,
  hasOlder,
  recordCheck,
  recordEntries,
  recordFilter,
  recordProblem,
  showOlder,
  showRecord,
  stopCheck,
} from '../state/record.ts';
import { detailWords, entryWords, FINDING_WORDS, KIND_CHOICES } from '../words/record-words.ts';
import { clockTime, dayName } from '../words/time-words.ts';

/** See the head of this file. */
export function RecordPage(): JSX.Element {
  const locked = isLocked.value;
  useFollowLock();
  useEffect(() => {
    // What is sealed of the entries opens and closes with the past.
    void showRecord(recordFilter.peek());
  }, [locked]);
  useEffect(() => {
    const following = followCheck();
    return () => {
      following.cancel();
      void showRecord(EVERYTHING);
    };
  }, []);
  const entries = recordEntries.value;
  const trouble = recordProblem.value;
  return (
    <PageFrame title="Record" back={{ page: 'settings' }}>
      <div class="stack sections">
        <Filters />
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
        {entries?.length === 0 && <Note sentence="Nothing fits here." />}
        {entries !== undefined && <Days entries={entries} />}
        {hasOlder.value !== null && (
          <p>
            <Button
              onPress={() => {
                void showOlder();
              }}
            >
              Older
            </Button>
          </p>
        )}
        <HowDoYouKnow />
      </div>
    </PageFrame>
  );
}

function Filters(): JSX.Element {
  const filter = recordFilter.value;
  const people = [...new Set((recordEntries.value ?? []).filter(isPerson).map(({ who }) => who))];
  if (filter.who !== '' && !people.includes(filter.who)) people.push(filter.who);
  return (
    <form class="record-filters" aria-label="What is shown" onSubmit={stay}>
      <Select
        label="Who"
        value={filter.who}
        options={[everybody, ...people.sort().map((who) => ({ value: who, word: who }))]}
        onChange={(who) => {
          void showRecord({ ...filter, who });
        }}
      />
      <Select
        label="Camera"
        value={filter.camera}
        options={[
          { value: '', word: 'All' },
          ...(cameras.value ?? []).map(({ id, name }) => ({ value: id, word: name })),
        ]}
        onChange={(camera) => {
          void showRecord({ ...filter, camera });
        }}
      />
      <Select
        label="What"
        value={filter.kind}
        options={KIND_CHOICES}
        onChange={(kind) => {
          void showRecord({ ...filter, kind });
        }}
      />
    </form>
  );
}

const everybody = { value: '', word: 'Everybody' };

function isPerson({ who, isBox }: AuditEntry): boolean {
  return who !== '' && !isBox;
}

function stay(event: Event): void {
  event.preventDefault();
}

function Days(props: { readonly entries: readonly AuditEntry[] }): JSX.Element {
  const nowMs = browserClock.wallMs();
  const days = new Map<string, AuditEntry[]>();
  for (const entry of props.entries) {
    const day = dayName(Date.parse(entry.at), nowMs);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return (
    <>
      {[...days].map(([day, entries]) => (
        <section key={day} class="stack close" aria-label={day}>
          <h2>{day}</h2>
          <ol class="record-list">
            {entries.map((entry) => (
              <Entry key={entry.sequence} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }): JSX.Element {
  const more = detailWords(entry);
  const nameOf = (id: string): string =>
    cameras.value?.find((camera) => camera.id === id)?.name ?? '';
  return (
    <li>
      <time dateTime={entry.at}>{clockTime(Date.parse(entry.at))}</time>
      <div>
        <p>{entryWords(entry, nameOf)}</p>
        {more !== '' && <p class="small quiet">{more}</p>}
      </div>
    </li>
  );
}

/** Proof, not adjectives (experience, rule 9). */
function HowDoYouKnow(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const check = recordCheck.value;
  return (
    <section class="card stack" aria-labelledby="how">
      <h2 id="how">How do you know?</h2>
      <p>
        Each entry carries a mark made with a key that was erased right after it. Who takes the box
        can read the clear part of this list. Changing what stands there, or cutting it off, shows
        when it is checked with your key.
      </p>
      {check?.running === true ? (
        <div class="stack close">
          <progress
            aria-label="How far the check is"
            max={Math.max(check.total, 1)}
            value={check.done}
          />
          <div class="row">
            <Button
              onPress={() => {
                void stopCheck();
              }}
            >
              Stop
            </Button>
          </div>
        </div>
      ) : (
        <Checked outcome={check?.outcome ?? undefined} trouble={check?.trouble ?? undefined} />
      )}
      {isLocked.value ? (
        <UnlockForm />
      ) : (
        check?.running !== true && (
          <div class="row">
            <Button
              onPress={() => {
                void checkRecord().then(setTrouble);
              }}
            >
              Check now
            </Button>
          </div>
        )
      )}
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <p class="small quiet">
        The same at a terminal, with the recovery sheet:{' '}
        <code>npm run -s doorkeep -- audit verify</code>
      </p>
    </section>
  );
}

function Checked(props: {
  readonly outcome: AuditOutcome | undefined;
  readonly trouble: string | undefined;
}): JSX.Element {
  const { outcome, trouble } = props;
  if (trouble !== undefined) {
    return (
      <Note sentence="The check did not come to its end.">
        <p>{trouble}</p>
      </Note>
    );
  }
  if (outcome === undefined) return <p class="quiet">Not checked since the box started.</p>;
  const atMs = Date.parse(outcome.checkedAt);
  const when = `${dayName(atMs, browserClock.wallMs())}, ${clockTime(atMs)}`;
  if (outcome.whole) {
    return (
      <p>
        {when}: entries {outcome.first} to {outcome.last} are all there, and none was changed.
      </p>
    );
  }
  return (
    <Note kind="alarm" sentence="The record is not as this box wrote it.">
      <ul>
        {outcome.findings.slice(0, 10).map(({ name, sequence }) => (
          <li key={`${name}${String(sequence)}`}>
            Entry {sequence} {FINDING_WORDS[name]}
          </li>
        ))}
      </ul>
      <p>
        {outcome.findingsTotal} in all, {when}. Ask at home who was at the box since then.
      </p>
    </Note>
  );
}
