/** A link within the page: an ordinary one to everybody, without loading the page again. */
import type { ComponentChildren, JSX } from 'preact';
import { addressOf, goTo, type Route } from '../state/route.ts';

/** `current`: this is where the person is. */
export function Link(props: {
  readonly to: Route;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly current?: boolean;
  readonly label?: string;
}): JSX.Element {
  const follow = (event: MouseEvent): void => {
    // With a modifier a person wants another tab, which the browser knows best.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) {
      return;
    }
    event.preventDefault();
    goTo(props.to);
  };
  return (
    <a
      href={addressOf(props.to)}
      class={props.class}
      aria-label={props.label}
      aria-current={props.current === true ? 'page' : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  );
}
