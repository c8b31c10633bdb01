/** Lock, and Unlock: in the same corner of every page, and on one key of every keyboard. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isLocked, lock, lockTrouble, openKept, opensByPress } from '../state/lock.ts';
import { Button } from './button.tsx';
import { focusPassword, UNLOCK_FORM, UnlockForm } from './unlock-form.tsx';
import { useKeys } from './use-keys.ts';

/** Locking asks nothing: unlocking is the way back. */
export function LockButton(): JSX.Element {
  const [isAsked, setAsked] = useState(false);
  const locked = isLocked.value;
  const press = (): void => {
    if (!locked) void lock();
    else if (opensByPress.peek()) void openByPress();
    else if (!leadToForm()) setAsked(true);
  };
  // When it is kept no longer, the password is the way.
  const openByPress = async (): Promise<void> => {
    if ((await openKept('pressed')) !== undefined) setAsked(true);
  };
  useKeys({ k: press });
  const close = (): void => {
    setAsked(false);
  };
  return (
    <>
      <Button kind="plain" onPress={press}>
        {locked ? 'Unlock' : 'Lock'}
      </Button>
      {isAsked && locked && <UnlockDialog onClose={close} />}
    </>
  );
}

/** Where the page has the form in its place, that one is used. Over a full screen it is not seen. */
function leadToForm(): boolean {
  const form = [...document.forms].find(
    (each) => each.name === UNLOCK_FORM && each.getClientRects().length > 0,
  );
  if (form === undefined || document.querySelector('[data-full="true"]') !== null) return false;
  form.scrollIntoView({ block: 'nearest' });
  focusPassword(form);
  return true;
}

/** Open while it is in the page; somebody asked for it, so the password has the focus. */
function UnlockDialog(props: { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label="Unlock"
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <UnlockForm autofocus onDone={props.onClose} onCancel={props.onClose} />
    </dialog>
  );
}

/** A lock that was asked for and did not happen: the one thing about it that is an alarm. */
export function LockTrouble(): JSX.Element | null {
  const trouble = lockTrouble.value;
  if (trouble === undefined) return null;
  return (
    <div class="note" data-kind="alarm" role="alert">
      <p>The past is not locked. {trouble.sentence}</p>
      <p>{trouble.hint} Then press Lock again.</p>
    </div>
  );
}
