/** What is being waited for, in words, and the way to stop waiting. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { browserClock } from '../base/clock.ts';
import { Button } from './button.tsx';
import { Reveal } from './reveal.tsx';

/** Most cameras have answered by then; who waits longer wants to know how much longer. */
const LONG_MS = 4_000;

/** `first`: what is being done. `later`: why it takes longer, and how long at most. */
export function WaitNote(props: {
  readonly first: string;
  readonly later: string;
  readonly onCancel: () => void;
}): JSX.Element {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = browserClock.setTimer(LONG_MS, () => {
      setLong(true);
    });
    return () => {
      timer.cancel();
    };
  }, []);
  return (
    <Reveal>
      <div class="note" role="status">
        <p>{props.first}</p>
        <div class="row spread">
          <p class="quiet">{isLong ? props.later : 'This takes a few seconds.'}</p>
          <Button onPress={props.onCancel}>Cancel</Button>
        </div>
      </div>
    </Reveal>
  );
}
