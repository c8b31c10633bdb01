/** A form that keyboards and password managers know: Enter sends it, the page stays. */
import type { ComponentChildren, JSX } from 'preact';

/** `label` names it where a page has more than one; `name` is for code that looks for it. */
export function Form(props: {
  readonly label?: string;
  readonly name?: string;
  readonly children: ComponentChildren;
  readonly onSubmit: () => Promise<void> | void;
}): JSX.Element {
  return (
    <form
      class="stack"
      method="post"
      aria-label={props.label}
      name={props.name}
      onSubmit={(event) => {
        event.preventDefault();
        void props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}
