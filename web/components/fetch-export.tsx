/** Fetching a finished file: with the password again, unless it was typed for it just now. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Export } from '../../server/contract/export.ts';
import { allowFetch, fetchFile, neededToFetch } from '../state/exports.ts';
import { AskPassword } from './ask-password.tsx';
import { Button } from './button.tsx';
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
  const leave = (): void => {
    setAsked(false);
  };
  return (
    <div class="ask">
      <AskPassword
        label="Fetch the file"
        action="Fetch the file"
        act={(password) => allowFetch(id, password)}
        onDone={() => {
          fetchFile(id);
          leave();
        }}
        onLeave={leave}
      />
    </div>
  );
}
