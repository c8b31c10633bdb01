/** What is left to try after set-up, below the cameras: in any order, and each can be put away. */
import '../styles/first-steps.css';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FirstStepId } from '../../server/contract/first-steps.ts';
import type { Trouble } from '../api/call.ts';
import { firstSteps, putAway, refreshFirstSteps } from '../state/first-steps.ts';
import { FIRST_STEP_WORDS } from '../words/first-step-words.ts';
import { Button } from './button.tsx';
import { Link } from './link.tsx';
import { TroubleNote } from './note.tsx';

/** Nothing, once nothing is left; and while the box has not told, because nothing here is pressing. */
export function FirstStepCards(): JSX.Element | null {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    void refreshFirstSteps();
  }, []);
  const left = (firstSteps.value ?? []).filter(({ state }) => state === 'open');
  if (left.length === 0 && trouble === undefined) return null;
  return (
    <section class="first-steps" aria-labelledby="first-steps">
      <h2 id="first-steps" ref={heading} tabIndex={-1}>
        First steps
      </h2>
      <p class="quiet">In any order, or not at all. The settings keep what you put away.</p>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <ul class="first-step-list">
        {left.map(({ step }) => (
          <Card
            key={step}
            step={step}
            onPutAway={() => {
              // The card goes, and what had the focus with it.
              heading.current?.focus();
              void putAway(step, setTrouble);
            }}
          />
        ))}
      </ul>
    </section>
  );
}

function Card(props: { readonly step: FirstStepId; readonly onPutAway: () => void }): JSX.Element {
  const { title, about, takes } = FIRST_STEP_WORDS[props.step];
  return (
    <li class="card stack close first-step">
      <h3>{title}</h3>
      <p>{about}</p>
      <p class="small quiet">{takes}</p>
      <div class="row">
        <Link to={{ page: props.step }} class="button" label={`Try it: ${title}`}>
          Try it
        </Link>
        <Button kind="plain" label={`Put away: ${title}`} onPress={props.onPutAway}>
          Put away
        </Button>
      </div>
    </li>
  );
}
