import { describe, expect, it } from 'vitest';
import { ageInWords, programInWords } from '../../../../web/words/program-words.ts';

const RELEASED = { version: '1.3.0', date: '2027-02-01', dateOf: 'release' } as const;
const COMPILED = { ...RELEASED, dateOf: 'compiling' } as const;
const NOTHING = { version: '1.3.0', date: null, dateOf: 'nothing' } as const;

/** Midnight at the start of the day that is so many days after the release. */
const after = (days: number): number => Date.UTC(2027, 1, 1 + days, 12);

describe('which Doorkeep it is', () => {
  it('is said with its day, and with what happened on it', () => {
    expect(programInWords('1.3.0', RELEASED)).toMatch(
      /^This is Doorkeep 1\.3\.0, released on .*2027\.$/,
    );
    expect(programInWords('1.3.0', COMPILED)).toMatch(
      /compiled on this box on .*; its sources may be/,
    );
    expect(programInWords('1.3.0', NOTHING)).toBe('This is Doorkeep 1.3.0.');
    expect(programInWords('1.3.0', undefined)).toBe('This is Doorkeep 1.3.0.');
  });
});

describe('how old it is', () => {
  it.each([0, 1, 179, -30])('is not said after %i days', (days) => {
    expect(ageInWords(RELEASED, after(days))).toBeUndefined();
  });

  it.each([
    [180, '5 months'],
    [214, '7 months'],
    [365, '11 months'],
    [400, '13 months'],
    [731, '2 years'],
    [3_700, '10 years'],
  ])('after %i days is %s', (days, age) => {
    expect(ageInWords(RELEASED, after(days))).toBe(
      `This Doorkeep is ${age} old. Doorkeep never looks for updates by itself: look where you got it, ` +
        'and take a newer one by hand.',
    );
    expect(ageInWords(COMPILED, after(days))).toContain(`was compiled ${age} ago. `);
  });

  it('is not known without a day', () => {
    expect(ageInWords(NOTHING, after(4_000))).toBeUndefined();
    expect(ageInWords(undefined, after(4_000))).toBeUndefined();
  });
});
