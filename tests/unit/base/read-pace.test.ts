import { beforeEach, describe, expect, it } from 'vitest';
import { CALM_TICK_MS, ReadPace, type PacedSource } from '../../../server/base/read-pace.ts';
import { TestClock } from '../../doubles/test-clock.ts';

/** Counts whether it flows. */
class FakeStream {
  flows = true;
  pauses = 0;

  pause(): void {
    this.flows = false;
    this.pauses += 1;
  }

  resume(): void {
    this.flows = true;
  }
}

let clock: TestClock;
let pace: ReadPace;
let isCalm: boolean;
let stream: FakeStream;
let source: PacedSource;

beforeEach(async () => {
  clock = new TestClock();
  pace = new ReadPace(clock);
  isCalm = true;
  stream = new FakeStream();
  source = await slowSource(stream);
});

/** A source that was measured and brings little. */
async function slowSource(of: FakeStream): Promise<PacedSource> {
  const made = pace.source(of, () => isCalm);
  made.afterRead(1_000);
  await clock.advance(2_000);
  made.afterRead(1_000);
  made.wake();
  pace.forget(made);
  return made;
}

describe('a calm source', () => {
  it('rests after a read until the next tick', async () => {
    await clock.advance(30);
    source.afterRead(1_000);
    expect(stream.flows).toBe(false);
    const toTickMs = CALM_TICK_MS - (clock.monotonicMs() % CALM_TICK_MS);
    await clock.advance(toTickMs - 1);
    expect(stream.flows).toBe(false);
    await clock.advance(1);
    expect(stream.flows).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('wakes together with the others, whenever each of them was read', async () => {
    const other = new FakeStream();
    const otherSource = await slowSource(other);
    await clock.advance(20);
    source.afterRead(1_000);
    await clock.advance(50);
    otherSource.afterRead(1_000);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(CALM_TICK_MS - 70);
    expect([stream.flows, other.flows]).toEqual([true, true]);
  });

  it('wakes at once when somebody comes in who wants what is there', async () => {
    await clock.advance(30);
    source.afterRead(1_000);
    pace.wakeAll();
    expect([stream.flows, clock.pendingTimers]).toEqual([true, 0]);
    // The next read rests again.
    source.afterRead(1_000);
    expect([stream.flows, clock.pendingTimers]).toEqual([false, 1]);
  });

  it('reads on after a whole read, because more is waiting', () => {
    source.afterRead(65_536);
    expect(stream.flows).toBe(true);
  });
});

describe('a source is read at once', () => {
  it('while somebody waits for it', () => {
    isCalm = false;
    source.afterRead(1_000);
    expect(stream.flows).toBe(true);
  });

  it('before it was measured', () => {
    const fresh = new FakeStream();
    pace.source(fresh, () => true).afterRead(1_000);
    expect(fresh.pauses).toBe(0);
  });

  it('when it brings more than the kernel holds between two ticks, and rests when it brings less', async () => {
    isCalm = false;
    for (let i = 0; i < 30; i += 1) {
      source.afterRead(60_000);
      await clock.advance(100);
    }
    isCalm = true;
    source.afterRead(1_000);
    expect(stream.flows).toBe(true);
    await clock.advance(2_000);
    source.afterRead(1_000);
    source.afterRead(1_000);
    await clock.advance(2_000);
    source.afterRead(1_000);
    expect(stream.flows).toBe(false);
  });
});

describe('a reader that is behind', () => {
  it('is not woken by the tick', async () => {
    source.afterRead(1_000);
    source.block();
    await clock.advance(CALM_TICK_MS);
    expect(stream.flows).toBe(false);
    source.unblock();
    expect(stream.flows).toBe(true);
  });

  it('does not end a rest when it catches up', async () => {
    source.block();
    source.afterRead(1_000);
    source.unblock();
    expect(stream.flows).toBe(false);
    await clock.advance(CALM_TICK_MS);
    expect(stream.flows).toBe(true);
  });
});

it('release lets the stream flow and takes the timer with it', () => {
  source.afterRead(1_000);
  expect(clock.pendingTimers).toBe(1);
  source.release();
  source.release();
  expect(stream.flows).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});
