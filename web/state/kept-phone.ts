/** Whether this browser is kept unlocked. Its secret is in a cookie that no script sees; here is only
 * which entry of the box's list it is. */
import { signal, type ReadonlySignal } from '@preact/signals';

const KEY = 'doorkeep-kept-phone';

const current = signal<string | undefined>(undefined);

/** Its id in the list; undefined while it is not kept. */
export const keptPhone: ReadonlySignal<string | undefined> = current;

/** Somebody locked since: it opens when its person presses, and not by itself. */
export const waitsForPress = signal(false);

/** Reads what this browser remembers; once, at the start of the page. */
export function rememberKept(): void {
  current.value = localStorage.getItem(KEY) ?? undefined;
}

/** From now on it is this one, or none. */
export function noteKept(id: string | undefined): void {
  current.value = id;
  waitsForPress.value = false;
  if (id === undefined) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, id);
}
