/** Name and password; afterwards the person is where the address says, because it never changed. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { BarePage } from '../components/bare-page.tsx';
import { Button } from '../components/button.tsx';
import { Form } from '../components/form.tsx';
import { LoginFields } from '../components/login-fields.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { goRecover, signIn, type SignInWhy } from '../state/box.ts';

/** See the head of this file. */
export function SignInPage(props: { readonly why: SignInWhy }): JSX.Element {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const refused = await signIn(username, password);
    // Signed in: this page is gone by now.
    if (refused === undefined) return;
    setBusy(false);
    setTrouble(refused);
    // Unless another one is being typed already.
    setPassword((now) => (refused.status === 401 && now === password ? '' : now));
  };
  return (
    <BarePage title="Sign in">
      {trouble === undefined ? <WhyNote why={props.why} /> : <TroubleNote trouble={trouble} />}
      <Form onSubmit={submit}>
        <LoginFields
          username={username}
          password={password}
          onUsername={setUsername}
          onPassword={setPassword}
        />
        <Button kind="main" type="submit" disabled={isBusy}>
          {isBusy ? 'Signing in' : 'Sign in'}
        </Button>
      </Form>
      <Button kind="plain" onPress={goRecover}>
        Forgot the password?
      </Button>
    </BarePage>
  );
}

function WhyNote(props: { readonly why: SignInWhy }): JSX.Element | null {
  switch (props.why) {
    case 'first':
      return null;
    case 'left':
      return <Note sentence="You are signed out here." />;
    case 'recovered':
      return (
        <Note sentence="Your new password is set.">
          <p>Sign in with it. You were signed out everywhere else.</p>
        </Note>
      );
    case 'restored':
      return (
        <Note sentence="The backup is in its place.">
          <p>Sign in as you did on the box that it is of.</p>
        </Note>
      );
    case 'ended':
      return (
        <Note sentence="You were signed out of this browser.">
          <p>Sign in again, and you are back where you were.</p>
        </Note>
      );
  }
}
