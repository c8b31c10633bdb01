/** One of a list that is too long to stand side by side. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** `problem` replaces `help` while something is wrong. */
export function Select(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly word: string }[];
  readonly help?: string;
  readonly problem?: string | undefined;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  const below = props.problem ?? props.help;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        aria-invalid={props.problem === undefined ? undefined : true}
        aria-describedby={below === undefined ? undefined : `${id}-below`}
        onChange={(event) => {
          props.onChange(event.currentTarget.value);
        }}
      >
        {props.options.map(({ value, word }) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
      {below !== undefined && (
        <p id={`${id}-below`} class={props.problem === undefined ? 'small quiet' : 'problem'}>
          {below}
        </p>
      )}
    </div>
  );
}
