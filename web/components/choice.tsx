/** One of a few: buttons side by side, radio buttons to keyboards and screen readers. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** `options` in the order in which they stand. */
export function Choice<T extends string>(props: {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly word: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}): JSX.Element {
  const id = useId();
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <div class="row">
        {props.options.map(({ value, word }) => (
          <label key={value}>
            <input
              type="radio"
              name={id}
              value={value}
              checked={value === props.value}
              onChange={() => {
                props.onChange(value);
              }}
            />
            <span>{word}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
