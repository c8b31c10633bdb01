/** After a member is gone: a new key, because they could have copied something while they were here. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { AskNewKey } from './keys-section.tsx';
import { Button } from './button.tsx';
import { Note } from './note.tsx';
import { Reveal } from './reveal.tsx';

/** `name`: who is gone. */
export function NewKeyOffer(props: {
  readonly name: string;
  readonly onDone: () => void;
}): JSX.Element {
  const { name, onDone } = props;
  const [isAsked, setAsked] = useState(false);
  if (isAsked) {
    return (
      <div class="card">
        <AskNewKey onLeave={onDone} />
      </div>
    );
  }
  return (
    <Reveal>
      <Note sentence={`${name} is removed.`}>
        <p>
          Their key is gone from the box. If {name} may have copied something from it before, make a
          new key: what is recorded from then on opens with nothing that was copied.
        </p>
      </Note>
      <div class="row">
        <Button
          onPress={() => {
            setAsked(true);
          }}
        >
          New key…
        </Button>
        <Button kind="plain" onPress={onDone}>
          Keep the key
        </Button>
      </div>
    </Reveal>
  );
}
