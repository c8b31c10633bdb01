/** Lets a program in: what it may see, then the password. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TokenScope } from '../../server/contract/tokens.ts';
import type { Trouble } from '../api/call.ts';
import { cameras } from '../state/cameras.ts';
import { giveRight } from '../state/programs.ts';
import { rightWords } from '../words/program-right-words.ts';
import { AskPassword } from './ask-password.tsx';
import { Choice } from './choice.tsx';
import { Field } from './field.tsx';
import type { MadeRight } from './program-secret.tsx';
import { Select } from './select.tsx';

const SCOPES: readonly { readonly value: TokenScope; readonly word: string }[] = [
  { value: 'metrics', word: 'Counters' },
  { value: 'live-picture', word: 'Pictures of one camera' },
];

/** `onMade` gets what the program needs. */
export function NewProgramForm(props: {
  readonly onMade: (made: MadeRight) => void;
  readonly onLeave: () => void;
}): JSX.Element {
  const all = cameras.value ?? [];
  const [name, setName] = useState('');
  const [scope, setScope] = useState<TokenScope>('metrics');
  const [wanted, setWanted] = useState('');
  // The cameras may have come after the form, or one of them may be gone.
  const chosen = all.find(({ id }) => id === wanted) ?? all[0];
  const camera = scope === 'live-picture' ? (chosen?.id ?? '') : '';
  const act = async (password: string): Promise<Trouble | undefined> => {
    const named = camera === '' ? {} : { camera };
    const made = await giveRight({ name: name.trim(), scope, password, ...named });
    if (!made.ok) return made.trouble;
    props.onMade({ name: name.trim(), scope, camera, secret: made.value.token });
    return undefined;
  };
  return (
    <div class="stack">
      <Field
        label="Which program"
        value={name}
        onInput={setName}
        help="What you call it, so that you know later what it is for."
        autofocus
      />
      <Choice
        label="What it gets"
        options={all.length === 0 ? SCOPES.slice(0, 1) : SCOPES}
        value={scope}
        onChange={setScope}
      />
      {scope === 'live-picture' && (
        <Select
          label="From"
          value={camera}
          options={all.map(({ id, name: word }) => ({ value: id, word }))}
          onChange={setWanted}
        />
      )}
      <p>{rightWords(scope, chosen?.name ?? 'a camera')}</p>
      <AskPassword
        label="Let a program in"
        action="Let it in"
        help="Asked again, because the door stays open until you close it."
        act={act}
        onDone={() => undefined}
        onLeave={props.onLeave}
      />
    </div>
  );
}
