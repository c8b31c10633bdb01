/** All first steps with what became of them, so that a card that was put away is not lost. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { FirstStepId } from '../../server/contract/first-steps.ts';
import { firstSteps, refreshFirstSteps } from '../state/first-steps.ts';
import { FIRST_STEP_WORDS, firstStepState } from '../words/first-step-words.ts';
import { Link } from './link.tsx';

/** As long before the box has told as afterwards: nothing below it moves. */
export function FirstStepList(): JSX.Element {
  useEffect(() => {
    void refreshFirstSteps();
  }, []);
  const all = Object.entries(FIRST_STEP_WORDS) as [
    FirstStepId,
    (typeof FIRST_STEP_WORDS)[FirstStepId],
  ][];
  return (
    <section class="card stack" aria-labelledby="first-steps">
      <h2 id="first-steps">First steps</h2>
      <ul class="places">
        {all.map(([step, { title }]) => {
          const known = firstSteps.value?.find((one) => one.step === step);
          return (
            <li key={step}>
              <Link to={{ page: step }}>{title}</Link>
              <span class="small quiet">
                {known === undefined ? '\u00a0' : firstStepState(known)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
