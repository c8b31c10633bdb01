/** What needs the past to be open: the way in stands in its place, then it goes on by itself. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isLocked } from '../state/lock.ts';
import { UnlockForm } from './unlock-form.tsx';

/** `form` stands in place of what asked for it; undefined while it is not needed. */
export interface UnlockFirst {
  readonly form: JSX.Element | undefined;
  readonly ask: () => void;
}

/** `goOn` is called once it is open. Opened elsewhere, what stood there before is back. */
export function useUnlockFirst(goOn: () => void): UnlockFirst {
  const [isAsked, setAsked] = useState(false);
  const leave = (): void => {
    setAsked(false);
  };
  const done = (): void => {
    leave();
    goOn();
  };
  return {
    form:
      isAsked && isLocked.value ? (
        <UnlockForm autofocus onDone={done} onCancel={leave} />
      ) : undefined,
    ask: () => {
      setAsked(true);
    },
  };
}
