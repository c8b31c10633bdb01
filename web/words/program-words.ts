/** Which Doorkeep this is, and how old, in words. Pure. */
import type { Program } from '../../server/contract/program.ts';
import { dateInWords } from './time-words.ts';

/** From then on its age is said. */
const OLD_DAYS = 180;

const DAY_MS = 86_400_000;

/** A month is long enough for this: the mean of a year. */
const MONTH_DAYS = 365.25 / 12;

/** "This is Doorkeep 1.3.0, released on 1 February 2027." Honest about what the date is of. */
export function programInWords(version: string, program: Program | undefined): string {
  const whole = `This is Doorkeep ${version}`;
  const day = dayOf(program);
  if (day === undefined || program === undefined) return `${whole}.`;
  if (program.dateOf === 'release') return `${whole}, released on ${dateInWords(day)}.`;
  return `${whole}, compiled on this box on ${dateInWords(day)}; its sources may be older.`;
}

/** One line when it is old; undefined before that, and where nothing is known. */
export function ageInWords(program: Program | undefined, boxNowMs: number): string | undefined {
  const day = dayOf(program);
  if (day === undefined) return undefined;
  const days = Math.floor((boxNowMs - day) / DAY_MS);
  if (days < OLD_DAYS) return undefined;
  const months = Math.floor(days / MONTH_DAYS);
  const age = months < 24 ? `${String(months)} months` : `${String(Math.floor(months / 12))} years`;
  const what =
    program?.dateOf === 'release'
      ? `This Doorkeep is ${age} old.`
      : `This Doorkeep was compiled ${age} ago.`;
  return (
    `${what} Doorkeep never looks for updates by itself: look where you got it, and take a newer ` +
    'one by hand.'
  );
}

/** Noon of the day, so that it is the same day in every zone that people live in. */
function dayOf(program: Program | undefined): number | undefined {
  const ms = Date.parse(`${program?.date ?? ''}T12:00:00Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
