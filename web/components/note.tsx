/** What happened, what it means, what to do: in that order, on the page it is about. */
import type { ComponentChildren, JSX } from 'preact';
import type { Trouble } from '../api/call.ts';

/** `alarm` only where footage is being lost or a promise is not in force. */
export function Note(props: {
  readonly kind?: 'alarm';
  readonly sentence: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="note" data-kind={props.kind} role="status">
      <p>{props.sentence}</p>
      {props.children}
    </div>
  );
}

/** A call that went wrong, in the box's words. */
export function TroubleNote(props: { readonly trouble: Trouble }): JSX.Element {
  return (
    <div class="note" role="alert">
      <p>{props.trouble.sentence}</p>
      <p>{props.trouble.hint}</p>
    </div>
  );
}
