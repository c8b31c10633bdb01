/** The form of an export over the camera it is taken from, and where the copy is found afterwards. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { ExportForm } from './export-form.tsx';
import { Link } from './link.tsx';

/** Open while it is in the page. `onDone`: the copy is being made. */
export function ExportDialog(props: {
  readonly camera: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly onClose: (isMade: boolean) => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [isMade, setMade] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = (): void => {
    props.onClose(isMade);
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div class="stack">
        <h2 id={id}>Take it out</h2>
        {isMade ? (
          <>
            <p role="status">The copy is being made. It waits for you among the exports.</p>
            <div class="row">
              <Link to={{ page: 'exports' }} class="button">
                To the exports
              </Link>
              <Button kind="plain" onPress={close}>
                Stay here
              </Button>
            </div>
          </>
        ) : (
          <ExportForm
            camera={props.camera}
            fromMs={props.fromMs}
            toMs={props.toMs}
            onDone={() => {
              setMade(true);
            }}
            onCancel={close}
          />
        )}
      </div>
    </dialog>
  );
}
