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
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';
import { Reveal } from './reveal.tsx';

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
          onDone={(isTaken) => {
            setStep(isTaken ? 'taken' : 'rest');
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

function AskPassword(props: { readonly onDone: (isTaken: boolean) => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isWrong = trouble?.status === 401;
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await takeBackup(password);
    setBusy(false);
    // Unless another one is being typed already.
    setPassword((now) => (now === password ? '' : now));
    setTrouble(refused);
    if (refused === undefined) props.onDone(true);
  };
  return (
    <Reveal>
      <Form label="Back up" onSubmit={submit}>
        <PasswordAgain
          autofocus
          value={password}
          problem={isWrong ? `${trouble.sentence} ${trouble.hint}` : undefined}
          onInput={setPassword}
        />
        {trouble !== undefined && !isWrong && <TroubleNote trouble={trouble} />}
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : 'Fetch the backup'}
          </Button>
          <Button
            kind="plain"
            onPress={() => {
              props.onDone(false);
            }}
          >
            Leave it
          </Button>
        </div>
      </Form>
    </Reveal>
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
