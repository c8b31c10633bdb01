/**
 * Half-filled forms, kept while the page is open and nowhere else: leaving a form and coming back
 * finds it as it was. They may hold a camera's password, so they end with whoever typed them.
 */
import { effect, signal, type Signal } from '@preact/signals';
import { box } from './box.ts';

const drafts = new Map<string, Signal>();
let owner: string | undefined;

/** The draft of one form, made from `initial` the first time. `T` belongs to `key` alone. */
export function draftOf<T>(key: string, initial: () => T): Signal<T> {
  const known = drafts.get(key);
  if (known !== undefined) return known as Signal<T>;
  const fresh = signal<T>(initial());
  drafts.set(key, fresh);
  return fresh;
}

/** What was in it is saved, or no longer wanted. */
export function forgetDraft(key: string): void {
  drafts.delete(key);
}

/** Begins to watch who is signed in; once, at the start of the page. Whoever was signed out
 * elsewhere finds the form again, another person or one who left on purpose does not. */
export function guardDrafts(): void {
  effect(() => {
    const state = box.value;
    const left = state.at === 'sign-in' && state.why === 'left';
    const another = state.at === 'ready' && owner !== undefined && state.session.user !== owner;
    if (left || another) drafts.clear();
    if (state.at === 'ready') owner = state.session.user;
  });
}
