/** For who opened a link: what it is for, a name and a password, and in. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { InvitationSeen } from '../../server/contract/people.ts';
import type { Trouble } from '../api/call.ts';
import { BarePage } from '../components/bare-page.tsx';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Form } from '../components/form.tsx';
import { LoginFields } from '../components/login-fields.tsx';
import { TroubleNote } from '../components/note.tsx';
import { comeIn, leaveInvitation, lookAtInvitation } from '../state/invitation.ts';
import { passwordHelp } from '../words/password-words.ts';
import { invitedWords } from '../words/people-words.ts';

/** See the head of this file. */
export function InvitationPage(): JSX.Element {
  const [seen, setSeen] = useState<InvitationSeen | undefined>(undefined);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  useEffect(() => {
    void lookAtInvitation().then((outcome) => {
      if (outcome.ok) setSeen(outcome.value);
      else setTrouble(outcome.trouble);
    });
  }, []);
  return (
    <BarePage title={seen === undefined ? 'A link to Doorkeep' : `Welcome, ${seen.name}`}>
      {seen !== undefined && <ComeIn seen={seen} />}
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <Button kind="plain" onPress={leaveInvitation}>
        Go on without the link
      </Button>
    </BarePage>
  );
}

function ComeIn(props: { readonly seen: InvitationSeen }): JSX.Element {
  const { seen } = props;
  const [username, setUsername] = useState(seen.name);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await comeIn(username, password);
    // Done: this page is gone by now.
    if (refused === undefined) return;
    setBusy(false);
    setTrouble(refused);
  };
  const help = passwordHelp(password);
  return (
    <>
      <p>{invitedWords(seen)}</p>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <Form label="Come in" onSubmit={submit}>
        {seen.isNewPassword ? (
          <Field
            label="New password"
            name="password"
            secret
            autocomplete="new-password"
            required
            autofocus
            value={password}
            help={help}
            onInput={setPassword}
          />
        ) : (
          <LoginFields
            isNew
            {...{ username, password }}
            passwordHelp={help}
            onUsername={setUsername}
            onPassword={setPassword}
          />
        )}
        <Button kind="main" type="submit" disabled={isBusy}>
          {isBusy ? 'One moment' : 'Come in'}
        </Button>
      </Form>
    </>
  );
}
