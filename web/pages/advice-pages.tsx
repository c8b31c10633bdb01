/** If officers ask, and if the box is stolen: plain steps that print on one sheet. */
import '../styles/privacy.css';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { StorageUse } from '../../server/contract/storage.ts';
import { Button } from '../components/button.tsx';
import { FactsPart } from '../components/facts.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { isLocked, lock } from '../state/lock.ts';
import { boxNowMs } from '../state/box-time.ts';
import { mayOpen } from '../state/rights.ts';
import { refreshStorageUse, storageUse } from '../state/storage-use.ts';
import { boxFacts, IF_OFFICERS_ASK, IF_STOLEN, TAKEN_SHOWS } from '../words/advice-words.ts';
import type { Fact } from '../words/privacy-words.ts';
import { keptWords } from '../words/storage-words.ts';
import { timeWords } from '../words/privacy-words.ts';

/** See the head of this file. */
export function OfficersPage(): JSX.Element {
  return (
    <AdvicePage
      title="If officers ask"
      note="This is not a lawyer’s advice, and it is not written for one country."
      steps={IF_OFFICERS_ASK}
      page="docs/guarantee.md"
    />
  );
}

/** See the head of this file. */
export function StolenPage(): JSX.Element {
  return (
    <AdvicePage
      title="If the box is stolen"
      note="Print this before you need it: the box that shows it will be gone."
      steps={IF_STOLEN}
      page="docs/threat-model.md"
    />
  );
}

/** What the box said of itself; `storage` is undefined when it did not. */
interface BoxSeen {
  readonly atMs: number;
  readonly storage: StorageUse | undefined;
}

function AdvicePage(props: {
  readonly title: string;
  readonly note: string;
  readonly steps: readonly Fact[];
  readonly page: string;
}): JSX.Element {
  const locked = isLocked.value;
  const [seen, setSeen] = useState<BoxSeen | undefined>(undefined);
  useEffect(() => {
    void refreshStorageUse().then((told) => {
      setSeen({ atMs: boxNowMs(), storage: told ? storageUse.value : undefined });
    });
  }, [locked]);
  const command = `less ${props.page}`;
  const days = seen?.storage?.cameras.flatMap(({ next }) => (next === null ? [] : next.keepsDays));
  const kept = days === undefined || days.length === 0 ? undefined : keptWords(Math.max(...days));
  return (
    <PageFrame title={props.title} back={{ page: mayOpen('privacy') ? 'privacy' : 'settings' }}>
      <div class="stack sections privacy-sheet">
        <p>{props.note}</p>
        <div class="row privacy-actions">
          {!locked && (
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
              window.print();
            }}
          >
            Print
          </Button>
        </div>
        <FactsPart
          id="steps"
          title="What to do"
          facts={props.steps}
          how={`This is advice and not a fact about this box. Its reasons stand in ${props.page}.`}
          command={command}
        />
        {seen !== undefined && (
          <FactsPart
            id="box"
            title="This box"
            facts={boxFacts(seen.storage, kept)}
            how={`Asked ${timeWords(seen.atMs, seen.atMs)}.`}
            command="npm run -s doorkeep -- fsck"
          />
        )}
        <FactsPart
          id="shows"
          title="What a taken box shows"
          facts={TAKEN_SHOWS}
          how="Tests search disk and memory for what should not be there. Their limits stand beside them."
          command="less docs/threat-model.md"
        />
      </div>
    </PageFrame>
  );
}
