/** A page before anybody is signed in: no bars, one thing to do. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { TrustNote } from './trust-note.tsx';

/** The name of the program stands above the title, so that a person knows where they are. */
export function BarePage(props: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  useEffect(() => {
    document.title = 'Doorkeep';
  }, []);
  return (
    <main class="content bare">
      <div class="stack">
        <TrustNote />
        <header>
          <p class="small quiet">Doorkeep</p>
          <h1>{props.title}</h1>
        </header>
        {props.children}
      </div>
    </main>
  );
}
