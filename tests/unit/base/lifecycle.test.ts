import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import {
  backoffMs,
  CAMERA_BACKOFF,
  supervise,
  type AttemptEnd,
} from '../../../server/base/lifecycle.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const policy = { firstMs: 100, maxMs: 1_000, healthyAfterMs: 5_000 };

describe('backoffMs', () => {
  it('doubles up to its limit, half of it random', () => {
    const least = [0, 1, 2, 3, 4, 5].map((failures) => backoffMs(policy, failures, 0));
    const most = [0, 1, 2, 3, 4, 5].map((failures) => backoffMs(policy, failures, 1));
    expect(least).toEqual([50, 100, 200, 400, 500, 500]);
    expect(most).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('stays within its limit after a million failures', () => {
    expect(backoffMs(policy, 1e6, 0.5)).toBe(750);
    expect(backoffMs(policy, Number.MAX_SAFE_INTEGER, 0.999)).toBeLessThanOrEqual(1_000);
  });

  it('lets a camera that is back be recorded within ten seconds', () => {
    expect(backoffMs(CAMERA_BACKOFF, 1e6, 1)).toBeLessThan(10_000);
  });
});

interface Watched {
  ends: { end: AttemptEnd; waitMs: number }[];
  attempts: number;
  over: Promise<void>;
  stop: AbortController;
  clock: TestClock;
}

function watch(runOnce: (signal: AbortSignal, clock: TestClock) => Promise<void>): Watched {
  const clock = new TestClock();
  const stop = new AbortController();
  const watched = { ends: [] as Watched['ends'], attempts: 0, stop, clock };
  const over = supervise({
    ...{ clock, policy, random: () => 1, signal: stop.signal },
    runOnce: (signal) => {
      watched.attempts += 1;
      return runOnce(signal, clock);
    },
    onEnd: (end, waitMs) => watched.ends.push({ end, waitMs }),
  });
  return Object.assign(watched, { over });
}

describe('supervise', () => {
  it('tries for ever, waits longer and longer, and tells of each end', async () => {
    const trouble = new AppError('unavailable', 'no');
    const watched = watch(() => Promise.reject(trouble));
    await watched.clock.advance(0);
    await watched.clock.advance(10_000);
    expect(watched.ends.slice(0, 6).map(({ waitMs }) => waitMs)).toEqual([
      ...[100, 200, 400, 800, 1_000, 1_000],
    ]);
    expect(watched.ends[0]?.end).toBe(trouble);
    expect(watched.attempts).toBe(4 + 8 + 1);
    watched.stop.abort();
    await watched.over;
    expect(watched.clock.pendingTimers).toBe(0);
  });

  it('starts over after an attempt that was healthy', async () => {
    let lifeMs = 0;
    const watched = watch(async (signal, clock) => {
      await clock.sleep(lifeMs, signal);
    });
    await watched.clock.advance(0);
    await watched.clock.advance(3_000);
    expect(watched.ends.at(-1)?.waitMs).toBe(1_000);
    lifeMs = 5_000;
    await watched.clock.advance(7_000);
    expect(watched.ends.at(-1)).toEqual({ end: undefined, waitMs: 100 });
    watched.stop.abort();
    await watched.over;
  });

  it('never throws, whatever an attempt throws', async () => {
    // Foreign code rejects with what it likes.
    const thrown = [new TypeError('x'), 'a string', undefined, null] as Error[];
    const watched = watch(() => Promise.reject(thrown[watched.attempts - 1]!));
    await watched.clock.advance(0);
    await watched.clock.advance(2_000);
    watched.stop.abort();
    await expect(watched.over).resolves.toBeUndefined();
    expect(watched.ends.slice(0, 4).map(({ end }) => end?.kind)).toEqual([
      ...['internal', 'internal', 'internal', 'internal'],
    ]);
  });

  it('takes an attempt that throws before it begins like any other', async () => {
    const watched = watch(() => {
      throw new AppError('io', 'disk');
    });
    await watched.clock.advance(0);
    expect(watched.ends[0]?.end).toMatchObject({ kind: 'io' });
    watched.stop.abort();
    await watched.over;
  });

  it('ends with its signal: before, during and between attempts', async () => {
    const during = watch((signal, clock) => clock.sleep(60_000, signal));
    during.stop.abort();
    await during.over;
    expect(during.ends).toEqual([]);

    const between = watch(() => Promise.resolve());
    await between.clock.advance(0);
    between.stop.abort();
    await between.over;
    expect(between.attempts).toBe(1);

    const clock = new TestClock();
    await supervise({
      ...{ clock, policy, random: () => 0, signal: AbortSignal.abort(), onEnd: () => undefined },
      runOnce: () => Promise.reject(new Error('must not run')),
    });
    expect(clock.pendingTimers).toBe(0);
  });
});
