/** Asks before what cannot be undone, and says with numbers what is lost. Nothing else is asked. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';

/** Open while it is in the page. Escape and "Keep it" call `onKeep`. */
export function ConfirmDialog(props: {
  readonly question: string;
  /** What is lost, e.g. "3 days, 41 GB". */
  readonly children: ComponentChildren;
  readonly action: string;
  readonly keep?: string;
  readonly busy?: boolean;
  readonly onAct: () => void;
  readonly onKeep: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.onKeep();
      }}
    >
      <div class="stack">
        <h2 id={id}>{props.question}</h2>
        <div>{props.children}</div>
        <div class="row">
          <Button kind="delete" disabled={props.busy === true} onPress={props.onAct}>
            {props.action}
          </Button>
          {/* Enter, pressed too early, loses nothing. */}
          <Button kind="plain" autofocus onPress={props.onKeep}>
            {props.keep ?? 'Keep it'}
          </Button>
        </div>
      </div>
    </dialog>
  );
}
