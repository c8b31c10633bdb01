/** The first steps in words: one table, so that another card is a line here and its id in the contract. Pure but
 * for the zone. */
import type { FirstStep, FirstStepId } from '../../server/contract/first-steps.ts';
import { dateInWords } from './time-words.ts';

/** What a card says. */
export interface FirstStepWords {
  readonly title: string;
  /** What is tried, and so what is known afterwards: one sentence. */
  readonly about: string;
  /** How long it takes somebody who does it for the first time. */
  readonly takes: string;
}

/** See the head of this file. The page of each has its name (state/route.ts). */
export const FIRST_STEP_WORDS: Readonly<Record<FirstStepId, FirstStepWords>> = {
  phones: {
    title: 'Let phones in',
    about: 'A phone gets to know this box, and you see your door on it.',
    takes: 'About 5 minutes',
  },
  cloud: {
    title: 'Silence the camera’s cloud',
    about: 'Keep the camera from its maker, and see that pictures still come.',
    takes: 'About 10 minutes',
  },
  'plug-test': {
    title: 'Plug test',
    about: 'Cut the home off from the Internet, and see what goes on.',
    takes: 'About 5 minutes',
  },
};

/** "Tried on 27 November 2026." */
export function firstStepState({ state, at }: FirstStep): string {
  if (at === null) return 'Not tried yet.';
  const day = dateInWords(Date.parse(at));
  return state === 'tried' ? `Tried on ${day}.` : `Put away on ${day}.`;
}
