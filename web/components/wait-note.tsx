/** That a camera is being waited for, in words, and the way to stop waiting. */
import type { JSX } from 'preact';
import { Button } from './button.tsx';
import { Reveal } from './reveal.tsx';

/** `what`: what is being done. How long at most is said from the beginning: a sentence that came later
 * would move the button away from under the thumb. */
export function WaitNote(props: {
  readonly what: string;
  readonly onCancel: () => void;
}): JSX.Element {
  return (
    <Reveal>
      <div class="note" role="status">
        <p>{props.what}</p>
        <div class="row spread">
          <p class="quiet">A camera may take up to 15 seconds to show itself.</p>
          <Button onPress={props.onCancel}>Cancel</Button>
        </div>
      </div>
    </Reveal>
  );
}
