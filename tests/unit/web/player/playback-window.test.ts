import { describe, expect, it } from 'vitest';
import type { GapReason } from '../../../../server/contract/recording.ts';
import {
  reasonOfHole,
  searchWindows,
  windowAround,
  windowFrom,
} from '../../../../web/player/playback-window.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

describe('what is loaded', () => {
  it('lies around a moment, so that steps back need nothing new', () => {
    expect(windowAround(T0)).toEqual({ fromMs: T0 - 30 * MINUTE, toMs: T0 + 90 * MINUTE });
  });

  it('goes on where the last piece ended', () => {
    expect(windowFrom(T0)).toEqual({ fromMs: T0, toMs: T0 + 120 * MINUTE });
  });
});

describe('the search for the next footage', () => {
  it('asks for no more than one answer holds, up to now', () => {
    expect(searchWindows(T0, T0 + 40 * DAY)).toEqual([
      { fromMs: T0, toMs: T0 + 31 * DAY },
      { fromMs: T0 + 31 * DAY, toMs: T0 + 40 * DAY },
    ]);
  });

  it('ends at some time, and does not begin in the future', () => {
    expect(searchWindows(0, T0)).toHaveLength(18);
    expect(searchWindows(T0 + 1, T0)).toEqual([]);
  });
});

describe('why there is a hole', () => {
  const gap = (fromMs: number, toMs: number, reason: GapReason) => ({
    ...{ fromMs: T0 + fromMs, toMs: T0 + toMs, reason },
  });
  const times = (...gaps: ReturnType<typeof gap>[]) => ({ ranges: [], gaps, askedMs: T0 });
  const hole = { fromMs: T0 + 1_000, toMs: T0 + 9_000 };

  it('is what most of it was', () => {
    const gaps = times(
      gap(0, 2_000, 'disconnected'),
      gap(2_000, 8_500, 'unreachable'),
      gap(8_500, Infinity, 'stalled'),
    );
    expect(reasonOfHole(gaps, hole)).toBe('unreachable');
    expect(reasonOfHole(gaps, { fromMs: T0 + 8_400, toMs: T0 + 90_000 })).toBe('stalled');
  });

  it('is not known where the box noted none', () => {
    expect(reasonOfHole(times(), hole)).toBeUndefined();
    expect(reasonOfHole(times(gap(0, 1_000, 'stalled')), hole)).toBeUndefined();
  });
});
