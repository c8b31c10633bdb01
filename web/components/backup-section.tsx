/** Taking a backup, and those that were taken. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Backup } from '../../server/contract/backup.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { backups, refreshBackups, takeBackup } from '../state/backups.ts';
import { keyHolders } from '../state/keys.ts';
import { aboutBackup, BACKUP_IS, FOOTAGE_IS_NOT_IN_IT, whenTaken } from '../words/backup-words.ts';
import { OUT_OF_HANDS } from '../words/export-words.ts';
import { AskPassword } from './ask-password.tsx';
import { Button } from './button.tsx';
import { TroubleNote } from './note.tsx';

/** What fits beside the rest of the page; older ones are behind a button. */
const SHOWN = 3;

/** See the head of this file. */
export function BackupSection(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [step, setStep] = useState<'rest' | 'asked' | 'taken'>('rest');
  useEffect(() => {
    void refreshBackups().then(setTrouble);
  }, []);
  return (
    <section class="card stack" aria-labelledby="backup">
      <h2 id="backup">Backup</h2>
      <p>{BACKUP_IS}</p>
      <p class="small quiet">{FOOTAGE_IS_NOT_IN_IT}</p>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      {step === 'taken' && (
        <p class="note" role="status">
          {OUT_OF_HANDS}
        </p>
      )}
      {step === 'asked' ? (
        <AskPassword
          label="Back up"
          action="Fetch the backup"
          act={takeBackup}
          onDone={() => {
            setStep('taken');
          }}
          onLeave={() => {
            setStep('rest');
          }}
        />
      ) : (
        <div class="row">
          <Button
            onPress={() => {
              setStep('asked');
            }}
          >
            Back up
          </Button>
        </div>
      )}
      <Taken list={backups.value} />
    </section>
  );
}

function Taken(props: { readonly list: readonly Backup[] | undefined }): JSX.Element {
  const [isAll, setAll] = useState(false);
  const { list } = props;
  if (list === undefined) return <p class="small quiet">{'\u00a0'}</p>;
  if (list.length === 0) return <p class="small quiet">No backup was taken so far.</p>;
  const nowMs = browserClock.wallMs();
  return (
    <div class="stack close">
      <h3 id="taken">Taken so far</h3>
      <p class="small quiet">Where they are now, Doorkeep does not know and cannot change.</p>
      <ul class="places" aria-labelledby="taken">
        {(isAll ? list : list.slice(0, SHOWN)).map((backup) => (
          <li key={backup.id}>
            <span>{whenTaken(backup, nowMs)}</span>
            <span class="small quiet">{aboutBackup(backup, keyHolders.value?.generation)}</span>
          </li>
        ))}
      </ul>
      {list.length > SHOWN && (
        <Button
          kind="plain"
          expanded={isAll}
          onPress={() => {
            setAll(!isAll);
          }}
        >
          {isAll ? 'Show the newest' : `Show all ${String(list.length)}`}
        </Button>
      )}
    </div>
  );
}
