/** The way into the past while it is closed: one sentence and the password, where the past would be. */
import '../styles/unlock.css';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { keptPhone } from '../state/kept-phone.ts';
import { isLocked, openKept, unlock } from '../state/lock.ts';
import { LOCKED, LOCKED_KEPT, UNLOCK_HELP } from '../words/lock-words.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';

/** What code looks for to lead somebody to the form that is in the page already. */
export const UNLOCK_FORM = 'unlock';

/** `onDone`: it is open now. `onCancel`, where there is something else to go back to. `isIdle`: nothing of
 * the past is asked for yet, so a phone that is kept unlocked does not open it by itself. */
interface UnlockFormProps {
  readonly autofocus?: boolean;
  readonly isIdle?: boolean;
  readonly onDone?: () => void;
  readonly onCancel?: () => void;
}

/** See the head of this file. */
export function UnlockForm(props: UnlockFormProps): JSX.Element {
  return keptPhone.value === undefined ? <ByPassword {...props} /> : <ByPress {...props} />;
}

/** A phone that is kept unlocked: by itself while it is looked at, else by one press. */
function ByPress(props: UnlockFormProps): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const open = async (kept: 'silently' | 'pressed'): Promise<void> => {
    const refused = await openKept(kept);
    // Nobody asked for what the page tried by itself.
    if (kept === 'pressed') setTrouble(refused);
    if (!isLocked.peek()) props.onDone?.();
  };
  useEffect(() => {
    if (props.isIdle === true) return undefined;
    const seen = (): void => {
      if (document.visibilityState === 'visible') void open('silently');
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => {
      document.removeEventListener('visibilitychange', seen);
    };
  }, [props.isIdle]);
  return (
    <div class="unlock">
      <Form label="Unlock" name={UNLOCK_FORM} onSubmit={() => open('pressed')}>
        <p role="status" class="unlock-words">
          {LOCKED_KEPT}
        </p>
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
        <div class="row">
          <Button kind="main" type="submit">
            Open the past
          </Button>
          {props.onCancel !== undefined && (
            <Button kind="plain" onPress={props.onCancel}>
              Leave it
            </Button>
          )}
        </div>
      </Form>
    </div>
  );
}

function ByPassword(props: UnlockFormProps): JSX.Element {
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isWrong = trouble?.status === 401;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Browsers heed `autofocus` once a page.
    if (props.autofocus === true) focusPassword(place.current);
  }, []);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await unlock(password);
    setBusy(false);
    setTrouble(refused);
    // Unless another one is being typed already.
    setPassword((now) => (now === password ? '' : now));
    if (refused === undefined) props.onDone?.();
  };
  return (
    <div class="unlock" ref={place}>
      <Form label="Unlock" name={UNLOCK_FORM} onSubmit={submit}>
        <p role="status" class="unlock-words">
          {LOCKED}
        </p>
        <PasswordAgain
          value={password}
          help={UNLOCK_HELP}
          problem={isWrong ? `${trouble.sentence} ${trouble.hint}` : undefined}
          onInput={setPassword}
          {...(props.autofocus === undefined ? {} : { autofocus: props.autofocus })}
        />
        {trouble !== undefined && !isWrong && <TroubleNote trouble={trouble} />}
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : 'Open the past'}
          </Button>
          {props.onCancel !== undefined && (
            <Button kind="plain" onPress={props.onCancel}>
              Leave it
            </Button>
          )}
        </div>
      </Form>
    </div>
  );
}

/** Puts the focus into the field of the form that is in here. */
export function focusPassword(place: Element | null): void {
  place?.querySelector<HTMLInputElement>('input[type=password]')?.focus();
}
