/** The keys there are on a page: `?` opens it. */
import '../styles/key-list.css';
import type { JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';

/** What one key does; `keys` are written as they stand on a keyboard. */
export interface KeyWords {
  readonly keys: readonly string[];
  readonly does: string;
}

/** On every page (`LockButton`). */
export const LOCK_KEY: KeyWords = { keys: ['K'], does: 'lock or unlock the past' };

/** Open while it is in the page. */
export function KeyList(props: {
  readonly rows: readonly KeyWords[];
  readonly onClose: () => void;
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
        props.onClose();
      }}
    >
      <div class="stack">
        <h2 id={id}>Keys</h2>
        <dl class="key-list">
          {props.rows.map(({ keys, does }) => (
            <div key={does}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <div class="row">
          <Button onPress={props.onClose}>Close</Button>
        </div>
      </div>
    </dialog>
  );
}
