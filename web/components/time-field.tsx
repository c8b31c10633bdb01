/** A moment to the second, in local time, as the browser lets people choose one. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** `value` as words/local-time.ts writes it. */
export function TimeField(props: {
  readonly label: string;
  readonly value: string;
  readonly problem?: string | undefined;
  readonly onInput: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        type="datetime-local"
        step="1"
        required
        value={props.value}
        aria-invalid={props.problem === undefined ? undefined : true}
        aria-describedby={props.problem === undefined ? undefined : `${id}-below`}
        onInput={(event) => {
          props.onInput(event.currentTarget.value);
        }}
      />
      {props.problem !== undefined && (
        <p id={`${id}-below`} class="problem">
          {props.problem}
        </p>
      )}
    </div>
  );
}
