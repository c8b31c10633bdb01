/** If officers ask, and if the box is stolen: plain, careful, and true of this box. */
import { describe, expect, it } from 'vitest';
import type { StorageUse } from '../../../../server/contract/storage.ts';
import {
  boxFacts,
  IF_OFFICERS_ASK,
  IF_STOLEN,
  TAKEN_SHOWS,
} from '../../../../web/words/advice-words.ts';
import { textOf } from '../../../repo/tree.ts';
import { readingGrade } from '../../../fixtures/reading-grade.ts';

const use = { locked: true, cameras: [] } as unknown as StorageUse;
const lists = { IF_OFFICERS_ASK, IF_STOLEN, TAKEN_SHOWS };

describe.each(Object.entries(lists))('%s', (_name, facts) => {
  it('asks for eight years of school', () => {
    expect(readingGrade(facts.map(({ text }) => text))).toBeLessThanOrEqual(8);
  });

  it('comes from pages that are there, and never says "nobody can"', () => {
    for (const { source, text } of facts) {
      expect(textOf(source).length).toBeGreaterThan(1_000);
      expect(text).not.toMatch(/nobody can|unhackable|warrant-proof|you must not|illegal/i);
    }
  });
});

describe('what officers may hear', () => {
  it('names one country only to say that its law is not settled', () => {
    const said = IF_OFFICERS_ASK.map(({ text }) => text).join(' ');
    expect(said).toContain('In the United States the law on forced passwords is not settled.');
    expect(said).toContain('What you must do differs from land to land.');
    expect(said).toContain('Do not delete what you were asked for.');
  });
});

describe('what a taken box shows', () => {
  it('is what the threat model says it shows', () => {
    const threats = textOf('docs/threat-model.md');
    const said = TAKEN_SHOWS.map(({ text }) => text).join(' ');
    for (const [ours, theirs] of [
      ['passwords of cameras', '**camera passwords**'],
      ['addresses in the home', 'addresses in the home'],
      ['when and how much was recorded', 'from when to when'],
    ] as const) {
      expect(said).toContain(ours);
      expect(threats).toContain(theirs);
    }
  });
});

describe('this box', () => {
  it('is locked or not, and keeps so much', () => {
    expect(boxFacts(use, '11 days').map(({ text }) => text)).toEqual([
      'The past is locked in this browser. It opens with a password.',
      'It keeps 11 days of footage.',
    ]);
    const open = boxFacts({ ...use, locked: false }, undefined).map(({ text }) => text);
    expect(open[0]).toContain('is open in this browser');
    expect(open[1]).toBe('Nothing is kept yet.');
    expect(boxFacts(undefined, undefined)[0]?.text).toMatch(/^Not checked/);
  });
});
