/** A labelled input, with what helps and what is wrong tied to it for screen readers. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** `problem` replaces `help` while something is wrong. */
export function Field(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Hidden while it is typed. */
  readonly secret?: boolean;
  /** What password managers and autofill go by. */
  readonly autocomplete?: string;
  readonly name?: string;
  readonly inputMode?: 'text' | 'url' | 'numeric' | 'decimal';
  /** The person has left the field. */
  readonly onLeave?: () => void;
  readonly help?: string;
  readonly problem?: string | undefined;
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly autofocus?: boolean;
}): JSX.Element {
  const id = useId();
  const below = props.problem ?? props.help;
  const input = {
    id,
    value: props.value,
    name: props.name,
    autocomplete: props.autocomplete,
    inputMode: props.inputMode,
    onBlur: props.onLeave,
    autocapitalize: 'off',
    spellcheck: false,
    placeholder: props.placeholder,
    required: props.required,
    autofocus: props.autofocus,
    'aria-invalid': props.problem === undefined ? undefined : true,
    'aria-describedby': below === undefined ? undefined : `${id}-below`,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => {
      props.onInput(event.currentTarget.value);
    },
  } as const;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.secret === true ? (
        <input type="password" {...input} />
      ) : (
        <input type="text" {...input} />
      )}
      {below !== undefined && (
        <p id={`${id}-below`} class={props.problem === undefined ? 'small quiet' : 'problem'}>
          {below}
        </p>
      )}
    </div>
  );
}
