/** Another password for who is signed in here. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { changePassword } from '../state/own-password.ts';
import { PASSWORD_CHANGED, PASSWORD_CHANGE_IS, passwordHelp } from '../words/password-words.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { Note, TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';
import { Reveal } from './reveal.tsx';

/** A button until somebody wants it. */
export function OwnPassword(): JSX.Element {
  const [step, setStep] = useState<'rest' | 'asked' | 'done'>('rest');
  if (step === 'asked') return <ChangeForm onEnd={setStep} />;
  return (
    <>
      {step === 'done' && (
        <Note sentence={PASSWORD_CHANGED}>
          <p>You are signed out everywhere but here. Sign in there with the new one.</p>
        </Note>
      )}
      <div class="row">
        <Button
          onPress={() => {
            setStep('asked');
          }}
        >
          Another password…
        </Button>
      </div>
    </>
  );
}

function ChangeForm(props: { readonly onEnd: (step: 'rest' | 'done') => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const said = trouble === undefined ? undefined : `${trouble.sentence} ${trouble.hint}`;
  const isOldWrong = trouble?.status === 401;
  const isNewWrong = trouble?.status === 422;
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await changePassword(password, newPassword);
    setBusy(false);
    setTrouble(refused);
    if (refused === undefined) props.onEnd('done');
    else if (refused.status === 401) setPassword('');
  };
  return (
    <Reveal>
      <Form label="Another password" onSubmit={submit}>
        <p>{PASSWORD_CHANGE_IS}</p>
        <PasswordAgain
          autofocus
          help="The one that you have now."
          value={password}
          problem={isOldWrong ? said : undefined}
          onInput={setPassword}
        />
        <Field
          label="New password"
          name="new-password"
          secret
          autocomplete="new-password"
          required
          value={newPassword}
          help={passwordHelp(newPassword)}
          problem={isNewWrong ? said : undefined}
          onInput={setNewPassword}
        />
        {trouble !== undefined && !isOldWrong && !isNewWrong && <TroubleNote trouble={trouble} />}
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : 'Change it'}
          </Button>
          <Button
            kind="plain"
            onPress={() => {
              props.onEnd('rest');
            }}
          >
            Keep the old one
          </Button>
        </div>
      </Form>
    </Reveal>
  );
}
