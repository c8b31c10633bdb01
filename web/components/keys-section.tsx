/** Who can open the past, locking it now, and a new key. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { keyHolders, makeNewKey, refreshKeys } from '../state/keys.ts';
import { isLocked, lock } from '../state/lock.ts';
import { isOwner } from '../state/rights.ts';
import { holderWords, LOCKED } from '../words/lock-words.ts';
import { AskPassword } from './ask-password.tsx';
import { Button } from './button.tsx';
import { TroubleNote } from './note.tsx';

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
          {isOwner.value && (
            <Button
              onPress={() => {
                setAsked(true);
              }}
            >
              New key…
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** Whether there is one to make is asked by who shows it. What it means is said before; once it is made, its sheet takes the page. */
export function AskNewKey(props: { readonly onLeave: () => void }): JSX.Element {
  return (
    <AskPassword
      label="New key"
      action="Make a new key"
      leave="Keep the old one"
      help="Asked again, because the old sheet loses its use and there is no way back."
      act={makeNewKey}
      onDone={props.onLeave}
      onLeave={props.onLeave}
    >
      <p>
        Make a new key when somebody may have seen your recovery sheet. The old sheet opens nothing
        that is recorded from then on; what was recorded before, it still opens. You get a new
        sheet, and your passwords stay.
      </p>
    </AskPassword>
  );
}
