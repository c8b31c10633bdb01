/** Not built yet. */
import type { JSX } from 'preact';

/** See the head of this file. */
export function SignInPage(): JSX.Element {
  return <main class="content">…</main>;
}
