import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../../server/base/clock.ts';
import { AppError } from '../../../server/base/errors.ts';
import { TestClock } from '../../doubles/test-clock.ts';

describe('sleep', () => {
  it('resolves when its time is over, not before', async () => {
    const clock = new TestClock();
    let isOver = false;
    const sleeping = clock.sleep(1_000).then(() => {
      isOver = true;
    });
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await sleeping;
    expect(isOver).toBe(true);
  });

  it('rejects at once when its signal aborts, and leaves no timer', async () => {
    const clock = new TestClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    stop.abort();
    await expect(sleeping).rejects.toMatchObject({ kind: 'cancelled' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects when its signal aborted before, and sets no timer', async () => {
    const clock = new TestClock();
    const reason = new AppError('cancelled', 'x', { reason: 'disabled' });
    await expect(clock.sleep(1_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not hold on to a signal that lives on', async () => {
    const clock = new TestClock();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let i = 0; i < 10; i += 1) {
      const sleeping = clock.sleep(1, signal);
      await clock.advance(1);
      await sleeping;
    }
    expect(listeners).toBe(0);
  });
});

describe('SystemClock', () => {
  const clock = new SystemClock();

  it('reads the clocks of the machine', () => {
    expect(Math.abs(clock.wallMs() - Number(new Date(clock.wallMs())))).toBeLessThan(1);
    expect(clock.wallMs()).toBeGreaterThan(Date.UTC(2024));
    const before = clock.monotonicMs();
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  it('fires a timer once, and not after it was cancelled', async () => {
    let fired = 0;
    const cancelled = clock.setTimer(1, () => {
      fired += 100;
    });
    cancelled.cancel();
    cancelled.cancel();
    clock.setTimer(1, () => {
      fired += 1;
    });
    await clock.sleep(20);
    expect(fired).toBe(1);
  });

  it('keeps no process alive', () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const timer = clock.setTimer(60_000, () => undefined);
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    timer.cancel();
    expect(after).toBe(before);
  });
});
