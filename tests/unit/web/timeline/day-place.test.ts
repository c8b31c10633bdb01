/** The day list by keyboard alone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hoursOfDay } from '../../../../web/timeline/day-hours.ts';
import { placeAfterKey, rowAt } from '../../../../web/timeline/day-place.ts';
import { dayAfter, startOfDay } from '../../../../web/words/time-words.ts';

const zone = process.env.TZ;
beforeEach(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const at = (text: string): number => Date.parse(text);

function press(key: string, from: string, latest = '2030-01-01T00:00:00Z'): string | undefined {
  const dayMs = startOfDay(at(from));
  const rows = hoursOfDay(dayMs, dayAfter(dayMs, 1));
  const ms = placeAfterKey(key, at(from), { rows, latestMs: at(latest) });
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
}

describe('placeAfterKey', () => {
  it('goes by minutes to the sides and by hours up (later) and down (earlier)', () => {
    const from = '2026-11-22T13:20:00Z';
    expect(press('ArrowRight', from)).toBe('2026-11-22T13:21');
    expect(press('ArrowLeft', from)).toBe('2026-11-22T13:19');
    expect(press('ArrowUp', from)).toBe('2026-11-22T14:20');
    expect(press('ArrowDown', from)).toBe('2026-11-22T12:20');
    expect(press('Home', from)).toBe('2026-11-22T13:00');
    expect(press('End', from)).toBe('2026-11-22T13:59');
  });

  it('goes over from one hour to the next', () => {
    expect(press('ArrowRight', '2026-11-22T13:59:00Z')).toBe('2026-11-22T14:00');
    expect(press('ArrowLeft', '2026-11-22T13:00:00Z')).toBe('2026-11-22T12:59');
  });

  it('stays in the day, and before now', () => {
    expect(press('ArrowDown', '2026-11-21T23:30:00Z')).toBe('2026-11-21T23:30');
    expect(press('ArrowLeft', '2026-11-21T23:00:00Z')).toBe('2026-11-21T23:00');
    expect(press('ArrowRight', '2026-11-22T22:59:00Z')).toBe('2026-11-22T22:59');
    const now = '2026-11-22T13:25:00Z';
    expect(press('ArrowUp', '2026-11-22T12:40:00Z', now)).toBe('2026-11-22T13:25');
  });

  it('steps over the hour that a clock change skips', () => {
    // 01:30 in Berlin; clocks jump from 2:00 to 3:00.
    expect(press('ArrowUp', '2026-03-29T00:30:00Z')).toBe('2026-03-29T01:30');
    expect(press('ArrowDown', '2026-03-29T01:30:00Z')).toBe('2026-03-29T00:30');
  });

  it('goes through both runs of the hour that it repeats', () => {
    expect(press('ArrowUp', '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:30');
    expect(press('ArrowUp', '2026-10-25T01:30:00Z')).toBe('2026-10-25T02:30');
  });

  it('leaves other keys alone', () => {
    expect(press('l', '2026-11-22T13:20:00Z')).toBeUndefined();
    expect(placeAfterKey('ArrowUp', 0, { rows: [], latestMs: 0 })).toBeUndefined();
  });
});

it('rowAt finds the nearest row of a moment outside the day', () => {
  const dayMs = startOfDay(at('2026-11-22T12:00:00Z'));
  const rows = hoursOfDay(dayMs, dayAfter(dayMs, 1));
  expect(rowAt(rows, dayMs - 1)?.hour).toBe(0);
  expect(rowAt(rows, dayAfter(dayMs, 2))?.hour).toBe(23);
  expect(rowAt([], 0)).toBeUndefined();
});
