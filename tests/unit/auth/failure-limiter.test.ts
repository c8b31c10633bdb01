import { describe, expect, it } from 'vitest';
import { FailureLimiter } from '../../../server/auth/failure-limiter.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const throttled = expect.objectContaining({ kind: 'throttled' }) as Error;

function fail(limiter: FailureLimiter, times: number, account = 'ada', address = '10.0.0.2'): void {
  for (let i = 0; i < times; i += 1) limiter.begin(account, address);
}

describe('one account from one address', () => {
  it('may fail five times, then once a minute', async () => {
    const clock = new TestClock();
    const limiter = new FailureLimiter(clock);
    fail(limiter, 5);
    expect(() => limiter.begin('ada', '10.0.0.2')).toThrow(
      expect.objectContaining({ kind: 'throttled', retryAfterMs: 60_000 }),
    );
    await clock.advance(59_999);
    expect(() => limiter.begin('ada', '10.0.0.2')).toThrow(
      expect.objectContaining({ retryAfterMs: 1 }),
    );
    await clock.advance(1);
    limiter.begin('ada', '10.0.0.2');
    expect(() => limiter.begin('ada', '10.0.0.2')).toThrow(throttled);
  });

  it('never waits when it is right, however often', () => {
    const limiter = new FailureLimiter(new TestClock());
    for (let i = 0; i < 1000; i += 1) limiter.begin('ada', '10.0.0.2').giveBack();
    expect(() => limiter.begin('ada', '10.0.0.2')).not.toThrow();
  });

  it('counts attempts that are still under way, so that a parallel flood gains nothing', () => {
    const limiter = new FailureLimiter(new TestClock());
    const open = Array.from({ length: 5 }, () => limiter.begin('ada', '10.0.0.2'));
    expect(() => limiter.begin('ada', '10.0.0.2')).toThrow(throttled);
    open[0]?.giveBack();
    expect(() => limiter.begin('ada', '10.0.0.2')).not.toThrow();
  });

  it('does not keep others out: another address, another name', () => {
    const limiter = new FailureLimiter(new TestClock());
    fail(limiter, 5);
    expect(() => limiter.begin('ada', '10.0.0.3')).not.toThrow();
    expect(() => limiter.begin('grace', '10.0.0.2')).not.toThrow();
  });

  it('does not mind the wall clock', () => {
    const clock = new TestClock();
    const limiter = new FailureLimiter(clock);
    fail(limiter, 5);
    clock.stepWall(3 * 365 * 86_400_000);
    expect(() => limiter.begin('ada', '10.0.0.2')).toThrow(throttled);
  });
});

describe('one address with many names', () => {
  it('may fail twenty times', () => {
    const limiter = new FailureLimiter(new TestClock());
    for (let i = 0; i < 20; i += 1) limiter.begin(`name${String(i)}`, '10.0.0.2');
    expect(() => limiter.begin('fresh', '10.0.0.2')).toThrow(
      expect.objectContaining({ retryAfterMs: 180_000 }),
    );
  });

  it.each([
    ['2001:db8::1', '2001:db8:0:0:ffff::2'],
    ['fe80::1%eth0', 'FE80:0:0:0:1::'],
    ['::ffff:10.0.0.2', '10.0.0.2'],
  ])('is one network: %s and %s', (one, other) => {
    const limiter = new FailureLimiter(new TestClock());
    fail(limiter, 5, 'ada', one);
    expect(() => limiter.begin('ada', other)).toThrow(throttled);
  });

  it('tells two networks apart', () => {
    const limiter = new FailureLimiter(new TestClock());
    fail(limiter, 5, 'ada', '2001:db8:0:1::1');
    expect(() => limiter.begin('ada', '2001:db8:0:2::1')).not.toThrow();
  });
});

it('keeps its table bounded without forgetting who is failing now', () => {
  const limiter = new FailureLimiter(new TestClock());
  for (let i = 0; i < 10_000; i += 1) {
    limiter.begin('ada', `10.${String(i >> 8)}.${String(i & 255)}.1`);
  }
  fail(limiter, 5);
  expect(() => limiter.begin('ada', '10.0.0.2')).toThrow(throttled);
});

it.each(['constructor', '__proto__', 'hasOwnProperty', '', '","'])(
  'treats the name %j like any other',
  (name) => {
    const limiter = new FailureLimiter(new TestClock());
    fail(limiter, 5, name);
    expect(() => limiter.begin(name, '10.0.0.2')).toThrow(throttled);
    expect(() => limiter.begin('ada', '10.0.0.2')).not.toThrow();
  },
);
