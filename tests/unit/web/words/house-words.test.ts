/** Who watched, what is kept, and what Doorkeep cannot do: each in words that a child of twelve reads. */
import { describe, expect, it } from 'vitest';
import type { StorageUse } from '../../../../server/contract/storage.ts';
import {
  CANNOT,
  keptFacts,
  laneFact,
  lanesOf,
  type Look,
} from '../../../../web/words/house-words.ts';
import {
  firstLine,
  layerFacts,
  spokenTo,
  spokenWords,
} from '../../../../web/words/privacy-words.ts';
import { textOf } from '../../../repo/tree.ts';
import {
  daysAgo,
  destinationsTo,
  PRIVACY_NOW_MS as NOW_MS,
  privacyAnswer,
  refusalOf,
} from '../../../fixtures/privacy-answers.ts';
import { readingGrade, syllablesOf } from '../../../fixtures/reading-grade.ts';

/** What the design asks for. */
const GRADE_MAX = 8;

const look = (who: string, days: number, what: Look['what'] = 'live'): Look => ({
  ...{ who, what, atMs: Date.parse(daysAgo(days)) },
});

describe('who watched', () => {
  it('has a lane for everybody, who looked last first, and for who did not', () => {
    const lanes = lanesOf(
      ['ada', 'bo', 'sam'],
      [look('sam', 2), look('bo', 1), look('sam', 3, 'past')],
    );
    expect(lanes.map(({ who, looks }) => [who, looks.length])).toEqual([
      ['bo', 1],
      ['sam', 2],
      ['ada', 0],
    ]);
    expect(lanes.map((lane) => laneFact(lane, NOW_MS).text)).toEqual([
      expect.stringMatching(/^bo watched live once\. The last was yesterday /),
      expect.stringMatching(/^sam watched live once, saw the past once\. The last was \w+day /),
      'ada has not looked these 7 days.',
    ]);
  });

  it('counts copies that were taken', () => {
    const [lane] = lanesOf([], [look('sam', 0, 'copy'), look('sam', 0, 'copy')]);
    expect(laneFact(lane!, NOW_MS).text).toMatch(/^sam took a copy 2 times\./);
  });
});

const use = {
  cameras: [
    {
      ...{ camera: 'a'.repeat(16), bytes: 41_000_000_000, durationMs: 3 * 86_400_000 },
      ...{ oldest: daysAgo(3), newest: daysAgo(0), protectedBytes: 0, bytesPerDay: 4_000_000_000 },
      keep: { days: null, bytes: null },
      next: { reason: 'room', at: daysAgo(-2), keepsDays: 11.4 },
    },
  ],
  locked: true,
} as unknown as StorageUse;

describe('what is kept', () => {
  it('says how much, how long, what goes next and why', () => {
    const [camera, locked] = keptFacts(use, NOW_MS, () => 'Porch');
    expect(camera?.text).toMatch(
      /^Porch: 41 GB\. At this rate you keep 11 days\. On \w+ the oldest/,
    );
    expect(locked).toEqual({
      source: 'storage.locked',
      text: 'The past is locked here. It opens with a password.',
    });
    expect(keptFacts({ ...use, locked: false }, NOW_MS, () => '')[1]?.text).toMatch(/is open here/);
    expect(keptFacts({ ...use, cameras: [] }, NOW_MS, () => '')[0]?.text).toBe(
      'Nothing is kept yet.',
    );
  });
});

describe('the reading grade', () => {
  it.each([
    ['cat', 1],
    ['home', 1],
    ['doorbell', 2],
    ['camera', 3],
    ['recovery', 4],
    ['locked', 1],
    ['needed', 2],
    ['the', 1],
  ])('counts the syllables of %s', (word, count) => {
    expect(syllablesOf(word)).toBe(count);
  });

  it('is as the formula has it', () => {
    // 6 words, 1 sentence, 6 syllables.
    expect(readingGrade(['The cat sat on the mat.'])).toBeCloseTo(0.39 * 6 + 11.8 - 15.59, 6);
    expect(
      readingGrade([
        'Notwithstanding aforementioned considerations, organisational accountability necessitates ' +
          'comprehensive documentation of interoperability characteristics.',
      ]),
    ).toBeGreaterThan(20);
    expect(() => readingGrade([])).toThrow('nothing to read');
  });

  it('of the whole page is for who has been to school for eight years', () => {
    const privacy = privacyAnswer({
      destinations: destinationsTo(5),
      refused: [refusalOf('Porch', '203.0.113.9')],
    });
    const said = [
      ...firstLine(privacy, [{ name: 'Home Assistant', camera: 'Porch' }], NOW_MS),
      ...layerFacts(privacy, NOW_MS),
      ...keptFacts(use, NOW_MS, () => 'Porch'),
      ...lanesOf(['ada'], [look('sam', 1)]).map((lane) => laneFact(lane, NOW_MS)),
      ...CANNOT,
    ].map(({ text }) => text);
    const spoken = spokenTo(privacy).map((one) => spokenWords(one, NOW_MS));
    expect(readingGrade([...said, ...spoken])).toBeLessThanOrEqual(GRADE_MAX);
    expect(readingGrade(CANNOT.map(({ text }) => text))).toBeLessThanOrEqual(GRADE_MAX);
  });
});

describe('what Doorkeep cannot do', () => {
  it('stays within two screens of a phone', () => {
    // 44 characters a line, 24 px a line, 8 px between: of 2 × 844 px.
    const px = CANNOT.reduce((sum, { text }) => sum + Math.ceil(text.length / 40) * 24 + 8, 0);
    expect(px).toBeLessThan(2 * 844 - 2 * 104);
  });

  it('never says "nobody can", and praises nothing', () => {
    const said = CANNOT.map(({ text }) => text).join(' ');
    expect(said).not.toMatch(/nobody can|unhackable|military|warrant-proof|genuine|100 %/i);
  });

  it('comes from a page that is there', () => {
    const [file = '', part] = CANNOT[0]!.source.split('#');
    const heading = textOf(file).match(/^## .*$/gm) ?? [];
    const slugs = heading.map((line) => line.slice(3).toLowerCase().replaceAll(' ', '-'));
    expect(slugs).toContain(part);
  });
});
