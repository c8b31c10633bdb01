/** What a program needs for the right that it was just given: shown once. */
import type { JSX } from 'preact';
import type { TokenScope } from '../../server/contract/tokens.ts';
import { askWords } from '../words/program-right-words.ts';
import { AddressText } from './address-text.tsx';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Reveal } from './reveal.tsx';

/** A right that was just made. `camera`: the id, empty for counters. */
export interface MadeRight {
  readonly name: string;
  readonly scope: TokenScope;
  readonly camera: string;
  readonly secret: string;
}

/** See the head of this file. */
export function ProgramSecret(props: {
  readonly made: MadeRight;
  readonly onDone: () => void;
}): JSX.Element {
  const { name, scope, camera, secret } = props.made;
  return (
    <Reveal>
      <div class="note stack" role="group" aria-label={`What ${name} needs`}>
        <p>This is for {name}. It is shown this once.</p>
        <p>The program sends it along whenever it asks:</p>
        <p class="addresses">
          <AddressText address={askWords(scope, camera, location.origin)} />
        </p>
        <p class="addresses">Authorization: Bearer {secret}</p>
        <div class="row">
          <CopyButton
            text={secret}
            done="Copied. Put it into the program, then copy something else."
          />
          <Button kind="plain" onPress={props.onDone}>
            Done
          </Button>
        </div>
      </div>
    </Reveal>
  );
}
