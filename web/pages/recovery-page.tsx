/** For who lost the password and has the recovery sheet: another password, then signing in. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { BarePage } from '../components/bare-page.tsx';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Form } from '../components/form.tsx';
import { TroubleNote } from '../components/note.tsx';
import { backToSignIn } from '../state/box.ts';
import { recover } from '../state/keys.ts';
import { passwordHelp } from '../words/password-words.ts';
import { keyHelp, typedKey } from '../words/recovery-words.ts';

/** Which field a refusal is about, by the box's reason. */
const FIELD_OF: ReadonlyMap<string, 'key' | 'password'> = new Map([
  // The name may be what is wrong; the box does not say.
  ['wrong-recovery-key', 'key'],
  ['weak-password', 'password'],
  ['password-too-long', 'password'],
]);

/** See the head of this file. */
export function RecoveryPage(): JSX.Element {
  const [username, setUsername] = useState('');
  const [key, setKey] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const field = FIELD_OF.get(trouble?.reason ?? '');
  const problem = trouble && `${trouble.sentence} ${trouble.hint}`;
  const submit = async (): Promise<void> => {
    setBusy(true);
    const body = { username, recoveryKey: typedKey(key), newPassword: password };
    const refused = await recover(body);
    // Done: this page is gone by now.
    if (refused === undefined) return;
    setBusy(false);
    setTrouble(refused);
  };
  return (
    <BarePage title="Forgot the password?">
      <p>With your recovery sheet you choose another one. What was recorded stays as it is.</p>
      {trouble !== undefined && field === undefined && <TroubleNote trouble={trouble} />}
      <Form onSubmit={submit}>
        <Field
          label="Your name"
          name="username"
          autocomplete="username"
          required
          autofocus
          value={username}
          onInput={setUsername}
        />
        <Field
          label="Recovery key"
          autocomplete="off"
          required
          help={keyHelp(key)}
          value={key}
          problem={field === 'key' ? problem : undefined}
          onInput={setKey}
        />
        <Field
          label="New password"
          name="password"
          secret
          autocomplete="new-password"
          required
          help={passwordHelp(password)}
          value={password}
          problem={field === 'password' ? problem : undefined}
          onInput={setPassword}
        />
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : 'Set the new password'}
          </Button>
          <Button kind="plain" onPress={backToSignIn}>
            Back
          </Button>
        </div>
      </Form>
    </BarePage>
  );
}
