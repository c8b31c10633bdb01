/** The way back from the newest step, for ten seconds. Not the only trace of it: the page shows it. */
import type { JSX } from 'preact';
import { forgetUndo, takeBack, undoable } from '../state/undo.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** Stands in the page always, so that screen readers hear what comes into it. */
export function UndoBar(): JSX.Element {
  const step = undoable.value;
  return (
    <div role="status">
      {step !== undefined && (
        <div class="undo-bar">
          <span>{step.sentence}</span>
          <span class="row">
            <Button
              onPress={() => {
                void takeBack();
              }}
            >
              Undo
            </Button>
            <Button kind="plain" label="Close" onPress={forgetUndo}>
              <Icon name="close" />
            </Button>
          </span>
        </div>
      )}
    </div>
  );
}
