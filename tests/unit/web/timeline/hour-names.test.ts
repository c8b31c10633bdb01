/** Each row of the day is reachable by its name alone. */
import { expect, it } from 'vitest';
import type { DayHour } from '../../../../web/timeline/day-hours.ts';
import { hourLabel, hourName } from '../../../../web/timeline/hour-names.ts';
import type { Stretch } from '../../../../web/timeline/stretches.ts';

const MINUTE = 60_000;

const row: DayHour = { hour: 14, minute: 0, kind: 'usual', startMs: 0, endMs: 60 * MINUTE };

const recorded = (toMs: number): Stretch[] => [{ kind: 'recorded', fromMs: 0, toMs }];

/** Whatever the language of the machine makes of 14:00. */
const two = hourName(row);

it.each([
  ['as long as nothing is known', undefined, two],
  ['with nothing', [], `${two}, nothing recorded`],
  ['in part', recorded(52 * MINUTE), `${two}, recorded 52 of 60 minutes`],
  ['whole', recorded(60 * MINUTE), `${two}, recorded 60 of 60 minutes`],
  [
    'nearly whole, which is not whole',
    recorded(60 * MINUTE - 1),
    `${two}, recorded 59 of 60 minutes`,
  ],
  ['of a second, which is not nothing', recorded(1_000), `${two}, recorded 1 of 60 minutes`],
])('names an hour %s', (_what, stretches, name) => {
  expect(hourLabel(row, stretches)).toBe(name);
});

it('tells the two runs of a repeated hour apart', () => {
  expect(hourLabel({ ...row, kind: 'first' }, [])).toBe(`${two}, 1st time, nothing recorded`);
  expect(hourLabel({ ...row, kind: 'second' }, undefined)).toBe(`${two}, 2nd time`);
});

it('says that an hour was skipped', () => {
  const skipped: DayHour = { ...row, kind: 'skipped', endMs: 0 };
  expect(hourLabel(skipped, [])).toBe(`${two}, skipped: clocks went forward`);
});

it('counts the minutes that a shorter row has', () => {
  const half: DayHour = { ...row, minute: 30, endMs: 30 * MINUTE };
  expect(hourLabel(half, recorded(30 * MINUTE))).toContain('recorded 30 of 30 minutes');
  expect(hourName(half)).not.toBe(two);
});
