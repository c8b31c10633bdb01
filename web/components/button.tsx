/** A button; `main` is the one thing a page is for, `delete` takes away what does not come back. */
import type { ComponentChildren, JSX } from 'preact';

/** `label` names it where only an icon is seen. `pressed`: it is a switch. `expanded`: it shows and
 * hides what follows it. */
export function Button(props: {
  readonly children: ComponentChildren;
  readonly kind?: 'main' | 'plain' | 'delete';
  readonly type?: 'button' | 'submit';
  readonly label?: string;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly disabled?: boolean;
  readonly autofocus?: boolean;
  readonly onPress?: () => void;
}): JSX.Element {
  return (
    <button
      class="button"
      type={props.type ?? 'button'}
      data-kind={props.kind}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      disabled={props.disabled}
      autofocus={props.autofocus}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}
