/** A button; `main` is the one thing a page is for, `delete` takes away what does not come back. */
import type { ComponentChildren, JSX } from 'preact';

/** `label` names it where only an icon is seen. `pressed`: it is a switch. */
export function Button(props: {
  readonly children: ComponentChildren;
  readonly kind?: 'main' | 'plain' | 'delete';
  readonly type?: 'button' | 'submit';
  readonly label?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onPress?: () => void;
}): JSX.Element {
  return (
    <button
      class="button"
      type={props.type ?? 'button'}
      data-kind={props.kind}
      aria-label={props.label}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}
