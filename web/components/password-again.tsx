/** The password asked once more: before footage leaves the box, or to open the past. */
import type { JSX } from 'preact';
import { userName } from '../state/box.ts';
import { Field } from './field.tsx';

/** The user name stands beside it unseen: password managers look for the two together. */
export function PasswordAgain(props: {
  readonly value: string;
  readonly problem?: string | undefined;
  readonly autofocus?: boolean;
  /** Why it is asked; that a copy leaves the box, unless said. */
  readonly help?: string;
  readonly onInput: (value: string) => void;
}): JSX.Element {
  return (
    <>
      <input
        type="text"
        name="username"
        autocomplete="username"
        value={userName.value}
        readOnly
        hidden
      />
      <Field
        label="Your password"
        name="password"
        secret
        autocomplete="current-password"
        required
        help={props.help ?? 'Asked again, because a copy leaves Doorkeep’s hands.'}
        value={props.value}
        problem={props.problem}
        onInput={props.onInput}
        {...(props.autofocus === undefined ? {} : { autofocus: props.autofocus })}
      />
    </>
  );
}
