import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { trustedMoment } from '../../../server/storage/box-clock.ts';
import { BoxTime } from '../../../server/time/box-time.ts';
import { machineTime } from '../../../server/time/machine-time.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { TestMachine } from '../../doubles/test-machine.ts';
import { openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const HOUR = 3_600_000;

let storage: TestStorage;
let clock: TestClock;
let machine: TestMachine;
let learned: number;

beforeEach(async () => {
  storage = await openTestStorage();
  clock = new TestClock(T0, 50_000);
  machine = new TestMachine(clock);
  learned = 0;
});

afterEach(() => {
  storage.remove();
});

function start(): BoxTime {
  const time = new BoxTime({ clock, machine, db: storage.db, log: silentLog });
  time.start();
  time.onLearned(() => (learned += 1));
  return time;
}

/** A page whose clock is so far from T0. */
function page(byMs: number, withinMs = 0) {
  return { timeMs: epochMs(T0 + byMs), withinMs };
}

describe('at the start', () => {
  it('nobody has vouched for the clock', () => {
    const time = start();
    expect(time.isClockTrusted()).toBe(false);
    expect(time.known()).toBeUndefined();
    expect(time.wallMs()).toBe(T0);
    const at = clock.monotonicMs();
    expect(time.labelOf(at)).toEqual({
      anchorMs: T0,
      uncertain: { bootId: 'boot-1', uptimeMs: 50_000 },
    });
  });

  it('the network has, where it set the clock in this boot', () => {
    machine.stamp = 1;
    const time = start();
    expect(time.source).toBe('network');
    expect(time.labelOf(clock.monotonicMs())).toEqual({ anchorMs: T0, uncertain: undefined });
  });

  it('goes on with what the server before knew, in the same boot only', async () => {
    start().compare(page(0));
    await clock.advance(HOUR);
    clock.stepWall(-5 * HOUR);
    const again = start();
    expect(again.isClockTrusted()).toBe(true);
    expect(again.wallMs()).toBe(T0 + HOUR);
    machine = new TestMachine(clock, 'boot-2');
    expect(start().isClockTrusted()).toBe(false);
  });

  it('an old stamp of the network says nothing after a step while the server was down', async () => {
    machine.stamp = 1;
    start();
    await clock.advance(1_000);
    clock.stepWall(HOUR);
    const again = start();
    expect(again.wallMs()).toBe(T0 + 1_000);
    machine.stamp = 2;
    again.look();
    expect(again.wallMs()).toBe(T0 + HOUR + 1_000);
  });
});

describe('a step', () => {
  it('is followed ahead and not back while nobody has vouched', () => {
    const time = start();
    clock.stepWall(HOUR);
    expect(time.wallMs()).toBe(T0 + HOUR);
    clock.stepWall(-3 * HOUR);
    expect(time.wallMs()).toBe(T0 + HOUR);
  });

  it('is not followed once somebody has, and noticed before the first label after it', async () => {
    const time = start();
    time.compare(page(0));
    for (const stepMs of [HOUR, -HOUR, 9e10, -1.5e12]) {
      clock.stepWall(stepMs);
      await clock.advance(1_000);
    }
    expect(time.wallMs()).toBe(T0 + 4_000);
  });

  it('of less than a second is a slew, and followed', () => {
    const time = start();
    time.compare(page(0));
    clock.stepWall(400);
    time.look();
    clock.stepWall(400);
    time.look();
    expect(time.wallMs()).toBe(T0 + 800);
  });

  it('is noticed by the loop, which also keeps the trusted moment', async () => {
    const time = start();
    time.compare(page(0));
    const stop = new AbortController();
    const running = time.run(stop.signal);
    await clock.advance(2 * HOUR);
    expect(trustedMoment(storage.db)?.trueMs).toBeGreaterThanOrEqual(T0 + HOUR);
    clock.stepWall(-HOUR);
    await clock.advance(10_000);
    stop.abort();
    await running;
    expect(trustedMoment(storage.db)?.trueMs).toBe(T0 + 2 * HOUR + 10_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the network', () => {
  it('is believed when it sets the clock', () => {
    const time = start();
    clock.stepWall(-30 * HOUR);
    machine.stamp = 7;
    time.look();
    expect(time.source).toBe('network');
    expect(time.wallMs()).toBe(T0 - 30 * HOUR);
    expect(learned).toBe(1);
  });

  it('says nothing new each time it does', () => {
    machine.stamp = 1;
    const time = start();
    machine.stamp = 2;
    time.look();
    expect(learned).toBe(0);
    machine.stamp = undefined;
    time.look();
    expect(time.source).toBe('network');
  });
});

describe('a signed-in page', () => {
  it.each([
    ['agrees within two minutes', 119_000, 0, true],
    ['agrees within two minutes and the way', -125_000, 10_000, true],
    ['does not beyond that', 121_000, 0, false],
    ['does not beyond that, on the other side', -131_000, 10_000, false],
  ])('%s', (_name, byMs, withinMs, trusted) => {
    const time = start();
    expect(time.compare(page(byMs, withinMs))).toBe(-byMs);
    expect(time.isClockTrusted()).toBe(trusted);
    expect(learned).toBe(trusted ? 1 : 0);
    // It is never taken by itself.
    expect(time.wallMs()).toBe(T0);
  });

  it('can be taken by a person, and the system’s clock stays as it is', () => {
    const time = start();
    time.adopt(page(3 * HOUR, 2_000));
    expect(time.wallMs()).toBe(T0 + 3 * HOUR + 1_000);
    expect(clock.wallMs()).toBe(T0);
    expect(time.source).toBe('person');
    expect(learned).toBe(1);
  });

  it('can not where the network vouches for the box', () => {
    machine.stamp = 1;
    const time = start();
    expect(() => {
      time.adopt(page(HOUR));
    }).toThrow(
      expect.objectContaining({ kind: 'conflict', reason: 'clock-from-network' }) as Error,
    );
  });

  it('is taken ten times an hour', async () => {
    const time = start();
    for (let count = 1; count <= 10; count += 1) time.adopt(page(count * HOUR));
    const once = (): void => {
      time.adopt(page(HOUR));
    };
    expect(once).toThrow(expect.objectContaining({ kind: 'exhausted' }) as Error);
    await clock.advance(HOUR);
    expect(once).not.toThrow();
  });
});

describe('this machine', () => {
  it('says which boot it is, and an uptime that goes on', () => {
    const here = machineTime();
    expect(here.bootId).toBe(machineTime().bootId);
    const first = here.uptimeMs();
    expect(first).toBeGreaterThan(0);
    expect(here.uptimeMs()).toBeGreaterThanOrEqual(first);
    expect([undefined, expect.any(Number)]).toContainEqual(here.networkStamp());
  });
});
