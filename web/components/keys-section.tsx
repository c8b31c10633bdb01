/** Who can open the past, locking it now, and a new key. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { keyHolders, makeNewKey, refreshKeys } from '../state/keys.ts';
import { isLocked, lock } from '../state/lock.ts';
import { holderWords, LOCKED } from '../words/lock-words.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';
import { Reveal } from './reveal.tsx';

/** See the head of this file. */
export function KeysSection(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    void refreshKeys().then(setTrouble);
  }, []);
  const known = keyHolders.value;
  return (
    <section class="card stack" aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      {/* Its room is kept, so that nothing moves when the box has answered. */}
      <p>{known === undefined ? '\u00a0' : holderWords(known.holders, known.generation)}</p>
      <p role="status">{isLocked.value ? LOCKED : 'The past is open here.'}</p>
      {isAsked ? (
        <AskNewKey
          onLeave={() => {
            setAsked(false);
          }}
        />
      ) : (
        <div class="row">
          <Button
            disabled={isLocked.value}
            onPress={() => {
              void lock();
            }}
          >
            Lock now
          </Button>
          <Button
            onPress={() => {
              setAsked(true);
            }}
          >
            New key…
          </Button>
        </div>
      )}
    </section>
  );
}

/** What it means is said before; once it is made, its sheet takes the page. */
function AskNewKey(props: { readonly onLeave: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isWrong = trouble?.status === 401;
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await makeNewKey(password);
    if (refused === undefined) return;
    setBusy(false);
    setTrouble(refused);
    // Unless another one is being typed already.
    setPassword((now) => (refused.status === 401 && now === password ? '' : now));
  };
  return (
    <Reveal>
      <Form label="New key" onSubmit={submit}>
        <p>
          Make a new key when somebody may have seen your recovery sheet. The old sheet opens
          nothing that is recorded from then on; what was recorded before, it still opens. You get a
          new sheet, and your passwords stay.
        </p>
        <PasswordAgain
          autofocus
          value={password}
          help="Asked again, because the old sheet loses its use and there is no way back."
          problem={isWrong ? `${trouble.sentence} ${trouble.hint}` : undefined}
          onInput={setPassword}
        />
        {trouble !== undefined && !isWrong && <TroubleNote trouble={trouble} />}
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : 'Make a new key'}
          </Button>
          <Button kind="plain" onPress={props.onLeave}>
            Keep the old one
          </Button>
        </div>
      </Form>
    </Reveal>
  );
}
