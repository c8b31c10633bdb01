/** A name and a password for Doorkeep itself, as password managers expect them. */
import type { JSX } from 'preact';
import { Field } from './field.tsx';

/** `isNew`: the password is being chosen, so managers offer to make one. */
export function LoginFields(props: {
  readonly username: string;
  readonly password: string;
  readonly isNew?: boolean;
  readonly usernameProblem?: string | undefined;
  readonly passwordProblem?: string | undefined;
  readonly usernameHelp?: string;
  readonly passwordHelp?: string;
  readonly onUsername: (value: string) => void;
  readonly onPassword: (value: string) => void;
}): JSX.Element {
  return (
    <>
      <Field
        label="Your name"
        name="username"
        autocomplete="username"
        required
        autofocus={props.username === ''}
        value={props.username}
        problem={props.usernameProblem}
        onInput={props.onUsername}
        {...(props.usernameHelp === undefined ? {} : { help: props.usernameHelp })}
      />
      <Field
        label="Password"
        name="password"
        secret
        autocomplete={props.isNew === true ? 'new-password' : 'current-password'}
        required
        value={props.password}
        problem={props.passwordProblem}
        onInput={props.onPassword}
        {...(props.passwordHelp === undefined ? {} : { help: props.passwordHelp })}
      />
    </>
  );
}
