/** Sentences of the privacy page with the field each is made from, and how one can know. */
import type { ComponentChildren, JSX } from 'preact';
import type { Fact } from '../words/privacy-words.ts';

/** One part of the page: its facts, and one answer to how one can know them. */
export function FactsPart(props: {
  readonly id: string;
  readonly title: string;
  readonly facts: readonly Fact[];
  /** When and by what it was found out. */
  readonly how: string;
  /** What repeats it at a terminal. */
  readonly command: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { id, title, facts, how, command } = props;
  return (
    <section class="card stack close facts-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {props.children}
      <ul class="facts">
        {facts.map((fact) => (
          <FactLine key={fact.text} fact={fact} />
        ))}
      </ul>
      <How {...{ how, command }} />
    </section>
  );
}

function FactLine({ fact }: { readonly fact: Fact }): JSX.Element {
  return (
    <li data-source={fact.source} data-tone={fact.tone}>
      {fact.text}
    </li>
  );
}

/** Always there, never folded away. */
export function How(props: { readonly how: string; readonly command: string }): JSX.Element {
  return (
    <p class="how quiet">
      <strong>How do you know?</strong> {props.how}{' '}
      {props.command.startsWith('less ') ? 'To read it' : 'To repeat it'}:{' '}
      <code>{props.command}</code>
    </p>
  );
}
