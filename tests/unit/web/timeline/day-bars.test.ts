/** Days as bars: the right days, one scale, and a way to each with keys and fingers. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  barAfterKey,
  barAtPlace,
  barPath,
  chartWidth,
  dayBars,
  dayStart,
  shownDays,
  tallestBytes,
  type DayUse,
} from '../../../../web/timeline/day-bars.ts';
import { dayAfter, startOfDay } from '../../../../web/words/time-words.ts';

const DOOR = 'a'.repeat(16);
const GARDEN = 'b'.repeat(16);
const GB = 1_000_000_000;

const before = process.env.TZ;
afterEach(() => {
  // Assigning undefined would set the word "undefined".
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

function use(day: string, gigabytes: readonly [door: number, garden?: number]): DayUse {
  const [door, garden] = gigabytes;
  const cameras = [
    { camera: DOOR, bytes: door * GB, durationMs: door * 1_000 },
    ...(garden === undefined ? [] : [{ camera: GARDEN, bytes: garden * GB, durationMs: 1 }]),
  ];
  return { day, cameras };
}

/** "2026-11-27" of a moment here. */
function named(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

describe('the days that are drawn', () => {
  const nowMs = new Date(2026, 10, 27, 15).getTime();

  it('are a week at least, and end today', () => {
    const shown = shownDays([], nowMs);
    expect(shown.map(named)).toEqual([
      ...['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26'],
      '2026-11-27',
    ]);
  });

  it('begin with the oldest that has footage', () => {
    const days = [use('2026-11-01', [0]), use('2026-11-16', [1]), use('2026-11-27', [1])];
    const shown = shownDays(days, nowMs);
    expect(named(shown[0] ?? 0)).toBe('2026-11-16');
    expect(shown).toHaveLength(12);
  });

  it('are a month at most', () => {
    expect(shownDays([use('2026-01-01', [1])], nowMs)).toHaveLength(30);
  });

  it.each([
    ['Europe/Berlin', [2026, 9, 30]],
    ['America/Sao_Paulo', [2018, 10, 8]],
    ['Pacific/Apia', [2012, 0, 4]],
  ] as const)('are each there once where clocks change: %s', (zone, [year, month, day]) => {
    process.env.TZ = zone;
    const shown = shownDays([], new Date(year, month, day, 12).getTime());
    expect(new Set(shown.map(named)).size).toBe(shown.length);
    expect(shown.every((dayMs) => startOfDay(dayMs) === dayMs)).toBe(true);
    for (const dayMs of shown) expect(dayStart(named(dayMs))).toBe(dayMs);
    expect(dayAfter(shown.at(-2) ?? 0, 1)).toBe(shown.at(-1));
  });

  it('are not made of what names no day', () => {
    expect(dayStart('yesterday')).toBeUndefined();
    expect(dayStart('2026-11')).toBeUndefined();
  });
});

describe('bars', () => {
  const nowMs = new Date(2026, 10, 27, 15).getTime();
  const days = [use('2026-11-25', [10, 30]), use('2026-11-26', [40]), use('2026-11-27', [20, 5])];
  const shown = shownDays(days, nowMs);

  it('stand for what the camera has of that day', () => {
    const bars = dayBars(days, DOOR, shown);
    expect(bars.map(({ bytes }) => bytes / GB)).toEqual([0, 0, 0, 0, 10, 40, 20]);
    expect(bars.at(-1)).toMatchObject({ dayMs: startOfDay(nowMs), durationMs: 20_000 });
    expect(dayBars(days, GARDEN, shown).map(({ bytes }) => bytes / GB)).toEqual([
      ...[0, 0, 0, 0, 30, 0, 5],
    ]);
  });

  it('have one scale for all cameras, made of the days that are seen', () => {
    expect(tallestBytes(days, shown)).toBe(40 * GB);
    expect(tallestBytes([...days, use('2026-01-01', [99])], shown)).toBe(40 * GB);
    expect(tallestBytes([], shown)).toBe(0);
  });

  it('are as tall as their share, and seen however little it is', () => {
    expect(barPath(0, 40, 40)).toBe('M1 100V0.0h8V100z');
    expect(barPath(2, 20, 40)).toBe('M21 100V50.0h8V100z');
    expect(barPath(0, 1, 1_000_000)).toBe('M1 100V98.0h8V100z');
    expect(barPath(0, 0, 40)).toBe('');
    expect(barPath(0, 0, 0)).toBe('');
    expect(chartWidth(7)).toBe(70);
  });
});

describe('a hand or a key', () => {
  it('is on the bar below it, and on the outermost beyond the edge', () => {
    expect([-1, 0, 0.13, 0.15, 0.99, 1, 2].map((at) => barAtPlace(at, 7))).toEqual([
      ...[0, 0, 0, 1, 6, 6, 6],
    ]);
  });

  it.each([
    ['ArrowLeft', 5, 4],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 5, 6],
    ['ArrowRight', 29, 29],
    ['ArrowDown', 5, 4],
    ['ArrowUp', 5, 6],
    ['PageDown', 20, 13],
    ['PageUp', 20, 27],
    ['PageDown', 3, 0],
    ['Home', 20, 0],
    ['End', 20, 29],
    ['a', 20, undefined],
    ['Enter', 20, undefined],
  ] as const)('%s on day %i leads to %s', (key, from, to) => {
    expect(barAfterKey(key, from, 30)).toBe(to);
  });
});
