/** The one-time code of the first visit, as the box's link brings it: `/#code=…`. */
import { signal, type ReadonlySignal } from '@preact/signals';

const found = signal('');

/** Empty when the address brought none. */
export const setUpCode: ReadonlySignal<string> = found;

/** Reads the code out of an address's fragment. Pure; empty when there is none. */
export function codeIn(fragment: string): string {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('code') ?? '';
}

/** Begins to take codes out of the address; once, at the start of the page. A fragment never leaves the
 * browser. Going back does not lead to this one; the browser's own list of visited addresses has it, which
 * nothing in a page can prevent, and the code opens nothing once there is an account. */
export function takeCodes(): void {
  const take = (): void => {
    const code = codeIn(location.hash);
    if (code === '') return;
    found.value = code;
    history.replaceState(history.state, '', location.pathname + location.search);
  };
  // The link opened in a tab where the page stands already loads nothing anew.
  addEventListener('hashchange', take);
  take();
}
