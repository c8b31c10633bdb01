/** Something that is on or off at once, without a button to save it. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** `help` says why one might want it, or what it means. */
export function Switch(props: {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly help?: string | undefined;
  readonly disabled?: boolean;
  /** What screen readers say where the label needs its context, e.g. the camera's name. */
  readonly name?: string;
}): JSX.Element {
  const id = useId();
  return (
    <div class="stack close">
      <label class="switch">
        <span>{props.label}</span>
        <input
          type="checkbox"
          role="switch"
          checked={props.on}
          disabled={props.disabled}
          aria-label={props.name}
          aria-describedby={props.help === undefined ? undefined : id}
          onChange={(event) => {
            props.onChange(event.currentTarget.checked);
          }}
        />
      </label>
      {props.help !== undefined && (
        <p id={id} class="small quiet">
          {props.help}
        </p>
      )}
    </div>
  );
}
