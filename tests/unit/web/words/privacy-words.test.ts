/** The first line of the privacy page and what stands below it: every case in words. */
import { describe, expect, it } from 'vitest';
import type { Privacy } from '../../../../server/contract/privacy.ts';
import {
  doorWords,
  firstLine,
  layerFacts,
  spokenTo,
  spokenWords,
  timeWords,
  triedFact,
  type OpenDoor,
} from '../../../../web/words/privacy-words.ts';
import { clockTime } from '../../../../web/words/time-words.ts';
import {
  daysAgo,
  destinationsTo,
  PRIVACY_NOW_MS as NOW_MS,
  privacyAnswer,
  refusalOf,
} from '../../../fixtures/privacy-answers.ts';

const weekday = (at: string): string =>
  new Intl.DateTimeFormat(undefined, { weekday: 'long' }).format(Date.parse(at));
const MONDAY = weekday(daysAgo(4));

function line(more: Partial<Privacy>, doors: readonly OpenDoor[] = []): string {
  return firstLine(privacyAnswer(more), doors, NOW_MS)
    .map(({ text }) => text)
    .join(' ');
}

function alarms(more: Partial<Privacy>): string[] {
  return firstLine(privacyAnswer(more), [], NOW_MS)
    .filter(({ tone }) => tone === 'alarm')
    .map(({ text }) => text);
}

describe('the first line', () => {
  it('of a box that has spoken to nobody', () => {
    expect(line({})).toBe('This box has spoken to no device yet. Nothing else was tried.');
  });

  it.each([
    [1, `Since ${MONDAY} this box spoke to 1 device, inside your home. Nothing else was tried.`],
    [
      3,
      `Since ${MONDAY} this box spoke to 3 devices, all inside your home. Nothing else was tried.`,
    ],
    [
      40,
      `Since ${MONDAY} this box spoke to 40 devices, all inside your home. Nothing else was tried.`,
    ],
  ])('counts %i', (count, words) => {
    expect(line({ destinations: destinationsTo(count) })).toBe(words);
    expect(alarms({ destinations: destinationsTo(count) })).toEqual([]);
  });

  it('says who tried and where to, without alarm: it was refused', () => {
    const destinations = destinationsTo(1);
    const refused = [refusalOf('Porch', '203.0.113.9')];
    expect(line({ destinations, refused })).toBe(
      `Since ${MONDAY} this box spoke to 1 device, inside your home. ` +
        'Porch tried to send us to 203.0.113.9, outside your home. We did not go.',
    );
    expect(alarms({ destinations, refused })).toEqual([]);
    const two = [...refused, refusalOf('Garden', '198.51.100.1')];
    expect(line({ refused: two })).toContain('1 other attempt was refused; it is listed below.');
    expect(line({ refused: [...two, ...two] })).toContain('3 other attempts were refused;');
  });

  it('is an alarm where the guard is off, and begins with it', () => {
    const guard = { name: 'guard', state: 'absent' } as const;
    for (const layers of [[guard], [], [{ ...guard, state: 'broken' } as const]]) {
      expect(alarms({ layers })).toEqual(['The promise does not hold: Doorkeep’s guard is off.']);
      expect(line({ layers })).toMatch(/^The promise does not hold/);
    }
  });

  it('is an alarm where the kernel was told and does not hold', () => {
    const layers: Privacy['layers'] = [
      { name: 'guard', state: 'active' },
      { name: 'nftables', state: 'broken' },
    ];
    const kernelTry = { at: daysAgo(0), v4: 'left', v6: 'no-way' } as const;
    const time = clockTime(NOW_MS);
    expect(alarms({ layers, kernelTry })).toEqual([
      `The kernel should keep packets in and does not: a test packet got out today ${time}.`,
    ]);
  });

  it.each(['absent', 'untried'] as const)('is none where the kernel is %s', (state) => {
    const layers: Privacy['layers'] = [
      { name: 'guard', state: 'active' },
      { name: 'nftables', state },
    ];
    expect(alarms({ layers, kernelTry: null })).toEqual([]);
    const said = layerFacts(privacyAnswer({ layers, kernelTry: null }), NOW_MS)[1];
    expect(said?.text).toMatch(
      state === 'absent'
        ? /was not set up to help\.$/
        : /told to help\. Nobody has tried it yet\.$/,
    );
  });

  it('is an alarm where an address is not at home', () => {
    const [one] = destinationsTo(1);
    const destinations = [{ ...one!, address: '203.0.113.9', isAtHome: false }];
    expect(alarms({ destinations })).toEqual([
      `Since ${MONDAY} this box spoke to 1 device. 203.0.113.9 is not inside your home.`,
    ]);
  });

  it('names the door that is open, or counts them', () => {
    const door = { name: 'Home Assistant', camera: 'Porch' };
    expect(line({}, [door])).toContain('1 door is open: Home Assistant gets pictures of Porch.');
    expect(line({}, [door, door])).toContain('2 doors are open to programs that get pictures.');
    expect(doorWords({ name: 'Hall tablet', camera: undefined })).toContain('every camera');
  });

  it('names the field that each sentence is from', () => {
    const facts = firstLine(
      privacyAnswer({ destinations: destinationsTo(2), layers: [] }),
      [{ name: 'HA', camera: 'Porch' }],
      NOW_MS,
    );
    expect(facts.map(({ source }) => source)).toEqual([
      'privacy.layers',
      'privacy.destinations',
      'privacy.refused',
      'tokens',
    ]);
  });
});

describe('whom the box spoke to', () => {
  it('is one for all ports, and for the try before it was added', () => {
    const [one] = destinationsTo(1);
    const late = { ...one!, port: 8554, lastAt: daysAgo(0), address: '192.168.1.77' };
    const early = { ...one!, lastAt: daysAgo(3) };
    const tried = { ...one!, camera: null, lastAt: daysAgo(4) };
    const stranger = { ...tried, address: '192.168.1.200' };
    const connections = [{ ...late, since: daysAgo(0) }];
    const all = spokenTo(
      privacyAnswer({ destinations: [early, late, tried, stranger], connections }),
    );
    expect(all).toEqual([
      {
        ...{ key: one!.camera!.id, name: 'Camera 1', address: '192.168.1.77' },
        ...{ lastMs: Date.parse(daysAgo(0)), isOpen: true },
      },
      {
        ...{ key: '192.168.1.200', name: 'A camera tried or removed', address: '192.168.1.200' },
        ...{ lastMs: Date.parse(daysAgo(4)), isOpen: false },
      },
    ]);
    expect(spokenWords(all[0]!, NOW_MS)).toBe('Camera 1 at 192.168.1.77, spoken to now.');
    expect(spokenWords(all[1]!, NOW_MS)).toContain(`192.168.1.200, last ${MONDAY} `);
  });
});

describe('Try it now', () => {
  const say = (kernelTry: Privacy['kernelTry']): string =>
    triedFact(privacyAnswer({ kernelTry }), NOW_MS).text;
  const at = daysAgo(0);

  it('says what came of it', () => {
    expect(say(null)).toBe('Not tried yet.');
    expect(say({ at, v4: 'refused', v6: 'refused' })).toMatch(/stopped the test packet\.$/);
    expect(say({ at, v4: 'refused', v6: 'left' })).toMatch(
      /let a test packet out\. Only the guard/,
    );
    expect(say({ at, v4: 'no-way', v6: 'no-way' })).toMatch(/has no way out to try\.$/);
  });
});

describe('a moment', () => {
  it.each([
    [0, 'today '],
    [1, 'yesterday '],
    [3, `${weekday(daysAgo(3))} `],
  ])('%i days ago', (days, words) => {
    expect(timeWords(Date.parse(daysAgo(days)), NOW_MS)).toBe(words + clockTime(NOW_MS));
  });

  it('long ago has its date, and its year where it matters', () => {
    expect(timeWords(Date.parse(daysAgo(20)), NOW_MS)).toMatch(/November|11/);
    expect(timeWords(Date.parse(daysAgo(400)), NOW_MS)).toContain('2025');
  });
});
