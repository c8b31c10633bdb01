/** How long footage is kept and what goes next, in words. */
import { describe, expect, it } from 'vitest';
import type { CameraUse } from '../../../../server/contract/storage.ts';
import { protectedWords, unprotectedWords } from '../../../../web/words/protected-words.ts';
import {
  dayUseWords,
  keepLossWords,
  keepWords,
  keptNowWords,
  keptWords,
  nextWords,
  rateWords,
  reasonWords,
  soonest,
  useWords,
} from '../../../../web/words/storage-words.ts';
import { clockTime, dayAhead, dayName, exactTime } from '../../../../web/words/time-words.ts';

/** A Friday, 15:00 on the clocks of whoever runs this. */
const NOW_MS = new Date(2026, 10, 27, 15).getTime();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GB = 1_000_000_000;

const use: CameraUse = {
  ...{ camera: 'a'.repeat(16), bytes: 41 * GB, durationMs: 3 * DAY_MS, protectedBytes: 0 },
  ...{ oldest: '2026-11-24T14:00:00.000Z', newest: '2026-11-27T14:00:00.000Z' },
  ...{ bytesPerDay: 32 * GB, keep: { days: null, bytes: null }, next: null },
};

function going(inMs: number, more: Partial<NonNullable<CameraUse['next']>> = {}): CameraUse {
  const at = new Date(NOW_MS + inMs).toISOString();
  return { ...use, next: { reason: 'room', at, keepsDays: 11.4, ...more } };
}

const weekday = (ms: number): string =>
  new Intl.DateTimeFormat(undefined, { weekday: 'long' }).format(ms);

describe('a day to come', () => {
  it.each([
    ['earlier, because the box is behind', -HOUR_MS, 'today'],
    ['this evening', 8 * HOUR_MS, 'today'],
    ['soon, but after midnight', 10 * HOUR_MS, 'tomorrow'],
    ['this week', 3 * DAY_MS, `on ${weekday(NOW_MS + 3 * DAY_MS)}`],
    ['the last day whose name is enough', 6 * DAY_MS, `on ${weekday(NOW_MS + 6 * DAY_MS)}`],
    ['the same weekday', 7 * DAY_MS, `on ${dayName(NOW_MS + 7 * DAY_MS, NOW_MS)}`],
    ['another year', 90 * DAY_MS, `on ${dayName(NOW_MS + 90 * DAY_MS, NOW_MS)}`],
  ])('%s', (_what, inMs, words) => {
    expect(dayAhead(NOW_MS + inMs, NOW_MS)).toBe(words);
  });
});

describe('how long footage is kept', () => {
  it.each([
    [11.9, '11 days'],
    [2, '2 days'],
    [1.9, '1 day'],
    [0.5, '12 h'],
    [4_000, 'more than 10 years'],
  ])('%s days', (days, words) => {
    expect(keptWords(days)).toBe(words);
  });

  it('is said with what goes next', () => {
    const soon = going(3 * DAY_MS);
    expect(rateWords(soon)).toBe('At this rate you keep 11 days.');
    const day = weekday(NOW_MS + 3 * DAY_MS);
    expect(nextWords(soon, NOW_MS, 'Front door')).toBe(
      `On ${day} the oldest day of Front door goes.`,
    );
    expect(nextWords(soon, NOW_MS)).toBe(`On ${day} the oldest day goes.`);
    expect(nextWords(going(HOUR_MS, { keepsDays: 0.8 }), NOW_MS)).toBe(
      'Today the oldest hours go.',
    );
  });

  it('is not known before an hour of footage', () => {
    expect(rateWords({ ...use, bytesPerDay: null })).toContain('after an hour of footage');
    // All there is is protected.
    expect(rateWords(use)).toBe('Nothing of it goes for now.');
    expect(rateWords({ ...use, bytes: 0 })).toBe('Nothing is recorded yet.');
    expect(nextWords(use, NOW_MS, 'Front door')).toBe('');
    expect(reasonWords(use)).toBe('');
  });

  it('has a reason', () => {
    const keep = { days: 14, bytes: 100 * GB };
    const because = (reason: 'days' | 'bytes' | 'room'): string =>
      reasonWords({ ...going(DAY_MS, { reason }), keep });
    expect(because('days')).toBe('Because you set 14 days at most.');
    expect(because('bytes')).toBe('Because you set 100 GB at most.');
    expect(because('room')).toContain('the disk is full');
  });

  it('is told of the camera whose footage goes first', () => {
    const late = { ...going(9 * DAY_MS), camera: 'b'.repeat(16) };
    const soon = { ...going(2 * DAY_MS), camera: 'c'.repeat(16) };
    expect(soonest([use, late, soon])?.camera).toBe(soon.camera);
    expect(soonest([{ ...use, bytes: 0 }, use])).toBe(use);
    expect(soonest([])).toBeUndefined();
  });
});

describe('what a camera has', () => {
  it('is its length, its size and its rate', () => {
    expect(useWords(use)).toBe('41 GB, 3 days; about 32 GB a day.');
    expect(useWords({ ...use, bytesPerDay: null })).toBe('41 GB, 3 days.');
    expect(useWords({ ...use, bytes: 0 })).toBe('No footage.');
  });

  it('is told day by day', () => {
    const day = { dayMs: NOW_MS - 9 * DAY_MS, bytes: 31 * GB, durationMs: DAY_MS };
    expect(dayUseWords(day, NOW_MS)).toBe(`${dayName(day.dayMs, NOW_MS)}: 31 GB, 24 h.`);
    expect(dayUseWords({ ...day, dayMs: NOW_MS, bytes: 0 }, NOW_MS)).toBe(
      'Today: nothing is kept.',
    );
  });
});

describe('limits', () => {
  it.each([
    [{ days: null, bytes: null }, 'Kept as long as there is room.'],
    [{ days: 1, bytes: null }, 'Kept: 1 day at most, as long as there is room.'],
    [{ days: null, bytes: 100 * GB }, 'Kept: 100 GB at most, as long as there is room.'],
    [{ days: 14, bytes: 2 * GB }, 'Kept: 14 days and 2.0 GB at most, as long as there is room.'],
  ])('%o', (keep, words) => {
    expect(keepWords(keep)).toBe(words);
  });

  it('are said once they are set', () => {
    expect(keptNowWords('Porch', { days: 7, bytes: null })).toBe('Porch keeps 7 days at most.');
    expect(keptNowWords('Porch', { days: null, bytes: null })).toBe(
      'Porch is kept as long as there is room.',
    );
  });

  it('say with numbers what they would delete at once', () => {
    const from = new Date(NOW_MS - 12 * DAY_MS).toISOString();
    const to = new Date(NOW_MS - 9 * DAY_MS).toISOString();
    const loss = { bytes: 41 * GB, durationMs: 3 * DAY_MS, from, to };
    const at = (ms: number): string => `${dayName(ms, NOW_MS)}, ${clockTime(ms)}`;
    expect(keepLossWords(loss, 'Front door', NOW_MS)).toBe(
      `3 days, 41 GB of Front door go at once: ${at(NOW_MS - 12 * DAY_MS)} to ${at(NOW_MS - 9 * DAY_MS)}.`,
    );
    const nothing = { bytes: 0, durationMs: 0, from: null, to: null };
    expect(keepLossWords(nothing, 'Front door', NOW_MS)).toBe('Nothing goes at once.');
  });
});

describe('a protected stretch', () => {
  const today = { fromMs: NOW_MS - 10 * 60_000, toMs: NOW_MS - 5 * 60_000 };
  const earlier = { fromMs: today.fromMs - 3 * DAY_MS, toMs: today.toMs - 3 * DAY_MS };

  it('is told with its times, and with its day when it was not today', () => {
    const times = `${clockTime(today.fromMs)} to ${clockTime(today.toMs)}`;
    expect(protectedWords(today, NOW_MS)).toBe(`${times} is protected.`);
    const short = { fromMs: NOW_MS, toMs: NOW_MS + 10_000 };
    expect(protectedWords(short, NOW_MS)).toBe(
      `${exactTime(short.fromMs)} to ${exactTime(short.toMs)} is protected.`,
    );
    expect(unprotectedWords(earlier, NOW_MS)).toBe(
      `${dayName(earlier.fromMs, NOW_MS)}, ${times} is no longer protected.`,
    );
  });
});
