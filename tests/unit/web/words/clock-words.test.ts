import { describe, expect, it } from 'vitest';
import { differenceWords } from '../../../../web/words/clock-words.ts';
import { clockTime } from '../../../../web/words/time-words.ts';

const HERE = new Date(2026, 10, 27, 14, 5).getTime();
const HOUR_MS = 3_600_000;

describe('clocks that differ', () => {
  it('on the same day: by how much, and both times', () => {
    const boxMs = HERE - 3 * HOUR_MS;
    const words = differenceWords({ boxMs, hereMs: HERE }, 'phone');
    expect(words).toBe(
      `The box’s clock is 3 h behind this phone’s. The box: ${clockTime(boxMs)}. Here: ${clockTime(HERE)}.`,
    );
  });

  it('the other way round', () => {
    const words = differenceWords({ boxMs: HERE + 5 * 60_000, hereMs: HERE }, 'computer');
    expect(words).toContain('5 min ahead of this computer’s');
  });

  it('on another day: with the dates', () => {
    const words = differenceWords({ boxMs: 1_000, hereMs: HERE }, 'phone');
    expect(words).toContain('1970');
    expect(words).toContain('27 November 2026');
  });
});
