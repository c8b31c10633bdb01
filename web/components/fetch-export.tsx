/** Fetching a finished file: with the password again, unless it was typed for it just now. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Export } from '../../server/contract/export.ts';
import type { Trouble } from '../api/call.ts';
import { allowFetch, fetchFile, neededToFetch } from '../state/exports.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';
import { Reveal } from './reveal.tsx';
import { useUnlockFirst } from './use-unlock-first.tsx';

/** See the head of this file. */
export function FetchExport(props: { readonly made: Export }): JSX.Element {
  const { id } = props.made;
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const unlocking = useUnlockFirst(() => void begin());
  const begin = async (): Promise<void> => {
    setBusy(true);
    const needed = await neededToFetch(id);
    setBusy(false);
    if (needed === 'nothing') fetchFile(id);
    else if (needed === 'unlock') unlocking.ask();
    else setAsked(true);
  };
  if (unlocking.form !== undefined) {
    return (
      <div class="ask">
        <Reveal>{unlocking.form}</Reveal>
      </div>
    );
  }
  if (!isAsked) {
    return (
      <Button
        kind="main"
        disabled={isBusy}
        onPress={() => {
          void begin();
        }}
      >
        Fetch the file
      </Button>
    );
  }
  return (
    <AskPassword
      id={id}
      onDone={() => {
        setAsked(false);
      }}
    />
  );
}

/** `onDone`: the file is on its way, or nobody wants it any more. */
function AskPassword(props: { readonly id: string; readonly onDone: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isWrong = trouble?.status === 401;
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await allowFetch(props.id, password);
    setBusy(false);
    // Unless another one is being typed already.
    setPassword((now) => (now === password ? '' : now));
    setTrouble(refused);
    if (refused !== undefined) return;
    fetchFile(props.id);
    props.onDone();
  };
  return (
    <div class="ask">
      <Reveal>
        <Form label="Fetch the file" onSubmit={submit}>
          <PasswordAgain
            autofocus
            value={password}
            problem={isWrong ? `${trouble.sentence} ${trouble.hint}` : undefined}
            onInput={setPassword}
          />
          {trouble !== undefined && !isWrong && <TroubleNote trouble={trouble} />}
          <div class="row">
            <Button kind="main" type="submit" disabled={isBusy}>
              {isBusy ? 'One moment' : 'Fetch the file'}
            </Button>
            <Button kind="plain" onPress={props.onDone}>
              Leave it
            </Button>
          </div>
        </Form>
      </Reveal>
    </div>
  );
}
