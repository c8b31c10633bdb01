/** The password again, for one thing that a stolen browser alone must not do. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';
import { Reveal } from './reveal.tsx';

/** `act` does it with what was typed; `onDone`: it was done. `onLeave`, where it can be left without; `leave`
 * names that. What it means stands above the field, where a few words below it (`help`) do not say it. */
export function AskPassword(props: {
  readonly label: string;
  readonly action: string;
  readonly help?: string;
  readonly act: (password: string) => Promise<Trouble | undefined>;
  readonly onDone: () => void;
  readonly onLeave?: () => void;
  readonly leave?: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const isWrong = trouble?.status === 401;
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await props.act(password);
    setBusy(false);
    setTrouble(refused);
    const isUsed = refused === undefined || refused.status === 401;
    // Unless another one is being typed already.
    setPassword((now) => (isUsed && now === password ? '' : now));
    if (refused === undefined) props.onDone();
  };
  return (
    <Reveal>
      <Form label={props.label} onSubmit={submit}>
        {props.children}
        <PasswordAgain
          autofocus
          value={password}
          {...(props.help !== undefined && { help: props.help })}
          problem={isWrong ? `${trouble.sentence} ${trouble.hint}` : undefined}
          onInput={setPassword}
        />
        {trouble !== undefined && !isWrong && <TroubleNote trouble={trouble} />}
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : props.action}
          </Button>
          {props.onLeave !== undefined && (
            <Button kind="plain" onPress={props.onLeave}>
              {props.leave ?? 'Leave it'}
            </Button>
          )}
        </div>
      </Form>
    </Reveal>
  );
}
