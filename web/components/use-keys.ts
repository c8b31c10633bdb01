/** Keys of a whole page. They are never taken from a field, a dialog, or a button that has focus. */
import { useEffect, useRef } from 'preact/hooks';

/**
 * What each key does, by its name: `l`, `?`, `ArrowLeft`, `Shift+ArrowLeft`, `Space`. Letters and
 * signs stand for themselves, with Shift or without.
 */
export type Keys = Readonly<Record<string, () => void>>;

/** Of these, holding the key down means more of it; of all others it is an accident. */
const REPEATING = /Arrow|^[,.+-]$/;

/** Listens while the component that calls it is in the page. */
export function useKeys(keys: Keys): void {
  // The newest closures are called, without listening anew each time something is drawn.
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const name = keyName(event);
      const act = Object.hasOwn(latest.current, name) ? latest.current[name] : undefined;
      if (act === undefined || isTaken(event, name)) return;
      event.preventDefault();
      if (!event.repeat || REPEATING.test(name)) act();
    };
    addEventListener('keydown', pressed);
    return () => {
      removeEventListener('keydown', pressed);
    };
  }, []);
}

function keyName({ key, shiftKey }: KeyboardEvent): string {
  if (key === ' ') return 'Space';
  if (key.length === 1) return key.toLowerCase();
  return shiftKey ? `Shift+${key}` : key;
}

/** Somebody else's: the browser's, a field's, a dialog's; Space presses the button with focus. */
function isTaken(event: KeyboardEvent, name: string): boolean {
  if (event.defaultPrevented || event.isComposing) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector('dialog[open]') !== null) return true;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target === undefined) return false;
  if (target.closest('input, select, textarea, [contenteditable]') !== null) return true;
  return name === 'Space' && target.closest('button, a, summary') !== null;
}
