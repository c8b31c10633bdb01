import { describe, expect, it } from 'vitest';
import { epochMs, monotonicMs } from '../../../server/base/time.ts';
import { AgeClock } from '../../../server/storage/age-clock.ts';
import { DAY_MS } from '../../../server/storage/retention-plan.ts';

const NOW_MS = Date.UTC(2026, 10, 27);
const HOUR_MS = 3_600_000;

/** A look `afterMs` after the first one, at a wall clock that is off by `offMs`. */
function look(
  clock: AgeClock,
  afterMs: number,
  {
    offMs = 0,
    newestMs = NOW_MS,
    isTrusted = true,
  }: { offMs?: number; newestMs?: number | null; isTrusted?: boolean } = {},
): number | undefined {
  return clock.look({
    ...{ wallMs: epochMs(NOW_MS + afterMs + offMs), monotonicMs: monotonicMs(5_000 + afterMs) },
    ...{ newestMs: newestMs === null ? undefined : epochMs(newestMs), isTrusted },
  });
}

const TO_2099_MS = Date.UTC(2099, 0, 1) - NOW_MS;

describe('the time to age by', () => {
  it('is the wall clock’s as long as that goes on as time does', () => {
    const clock = new AgeClock();
    for (let minute = 0; minute < 100; minute += 1) {
      // Slewed by NTP, and set by hand once.
      const offMs = minute > 50 ? 20 * 60_000 : minute * 10;
      expect(look(clock, minute * 60_000, { offMs })).toBe(NOW_MS + minute * 60_000 + offMs);
    }
  });

  it.each([TO_2099_MS, -TO_2099_MS, 2 * HOUR_MS])(
    'is unknown for a day after a jump of %i ms',
    (offMs) => {
      const clock = new AgeClock();
      expect(look(clock, 0)).toBe(NOW_MS);
      expect(look(clock, 60_000, { offMs })).toBeUndefined();
      expect(look(clock, 23 * HOUR_MS, { offMs })).toBeUndefined();
      expect(look(clock, DAY_MS + 60_000, { offMs })).toBe(NOW_MS + DAY_MS + 60_000 + offMs);
    },
  );

  it('doubts the way back as well, which costs a day and no footage', () => {
    const clock = new AgeClock();
    look(clock, 0);
    expect(look(clock, 60_000, { offMs: TO_2099_MS })).toBeUndefined();
    expect(look(clock, 120_000)).toBeUndefined();
    expect(look(clock, 120_000 + DAY_MS)).toBe(NOW_MS + 120_000 + DAY_MS);
  });

  it('is unknown for a day where the box was off for more than a week, or begins in the future', () => {
    for (const offMs of [8 * DAY_MS, TO_2099_MS]) {
      const clock = new AgeClock();
      expect(look(clock, 0, { offMs })).toBeUndefined();
      expect(look(clock, DAY_MS, { offMs })).toBe(NOW_MS + DAY_MS + offMs);
    }
    expect(look(new AgeClock(), 0, { offMs: 6 * DAY_MS })).toBe(NOW_MS + 6 * DAY_MS);
    expect(look(new AgeClock(), 0, { newestMs: null })).toBe(NOW_MS);
  });

  it('is unknown while others do not trust the clock', () => {
    const clock = new AgeClock();
    expect(look(clock, 0, { isTrusted: false })).toBeUndefined();
    expect(look(clock, 60_000)).toBe(NOW_MS + 60_000);
  });
});
