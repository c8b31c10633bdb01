/**
 * Clocks that step while a camera records, and while the box is down (`npm run torture -- clock`).
 * After each: the check finds nothing, every second that was recorded is there once and in order,
 * and what the box calls certain lies where it truly was.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClockHome } from '../fixtures/clock-home.ts';

const T0 = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const YEAR = 365.25 * 24 * HOUR;

/** Both changes of 2026 in Berlin: 29 March and 25 October, 01:00 UTC. */
const SPRING = Date.UTC(2026, 2, 29, 1);
const AUTUMN = Date.UTC(2026, 9, 25, 1);

/** A box whose battery is gone. */
const TO_1970 = 946_684_800 - T0 + 5_000;

/** A part ends with the next key frame, so the last second of a run is written at its end. */
const CLOSE_MS = 1_500;

const STEPS = [
  ['one hour ahead', HOUR],
  ['one hour back', -HOUR],
  ['three years ahead', 3 * YEAR],
  ['fifty years back', -50 * YEAR],
] as const;

let home: ClockHome;

beforeEach(async () => {
  home = await ClockHome.open();
});

afterEach(() => home.dispose());

/** What holds after every case; answers which runs are certain. */
async function expectWhole(): Promise<boolean[]> {
  expect(await home.check()).toEqual([]);
  const runs = home.runs();
  // None lost, none overwritten: as many runs, each as long as it was.
  expect(runs).toHaveLength(home.trueRuns.length);
  runs.forEach((run, index) => {
    const { fromMs, toMs } = home.trueRuns[index]!;
    expect(run.footageMs).toBe(toMs - fromMs);
    expect(run.toMs - run.fromMs).toBe(toMs - fromMs);
    // Monotone.
    expect(run.fromMs).toBeGreaterThanOrEqual(runs[index - 1]?.toMs ?? -Infinity);
    if (!run.uncertain) expect(Math.abs(run.fromMs - fromMs)).toBeLessThan(CLOSE_MS);
  });
  const { ranges, gaps } = home.recordings();
  // Time without footage is a row: no hole between the first and the last second.
  const all = [...ranges, ...gaps].sort((a, b) => a.fromMs - b.fromMs);
  all.slice(1).forEach((stretch, index) => {
    expect(stretch.fromMs - all[index]!.toMs).toBeLessThanOrEqual(200);
  });
  return runs.map(({ uncertain }) => !uncertain);
}

/** Certain throughout. */
const sure = (count: number): boolean[] => Array.from({ length: count }, () => true);

describe('a clock that is trusted', () => {
  it.each(STEPS)('%s while it records', async (_name, stepMs) => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    await home.record(5);
    home.step(stepMs);
    await home.record(5);
    await home.away(10);
    await home.record(5);
    home.step(-stepMs);
    await home.record(3);
    await home.away(4, 'stalled');
    await home.record(3);
    expect(await expectWhole()).toEqual(sure(3));
    expect(home.gaps()).toEqual([
      ['disconnected', 10],
      ['stalled', 4],
    ]);
  });

  it.each(STEPS)('%s while the server is down', async (_name, stepMs) => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    await home.record(5);
    await home.crash(20_000, stepMs);
    expect(home.time.isClockTrusted()).toBe(true);
    await home.record(5);
    expect(await expectWhole()).toEqual(sure(2));
  });

  it('is set by the network a little, time and again', async () => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    for (let round = 0; round < 5; round += 1) {
      await home.record(4);
      home.clock.stepWall(round % 2 === 0 ? 900 : -900);
      home.sync();
      await home.away(1);
    }
    expect(await expectWhole()).toEqual(sure(5));
  });
});

describe('a clock that nobody vouched for', () => {
  it.each(STEPS)('%s while it records, until the network answers', async (_name, stepMs) => {
    await home.boot({ bootId: 'a', aheadMs: 0 }, T0);
    await home.record(5);
    home.step(stepMs);
    await home.away(10);
    await home.record(5);
    expect(home.runs().some(({ uncertain }) => !uncertain)).toBe(false);
    home.sync();
    await home.record(5);
    await home.away(3);
    await home.record(2);
    expect(await expectWhole()).toEqual(sure(3));
  });

  it.each(STEPS)('%s from the start, with footage before', async (_name, aheadMs) => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    await home.record(5);
    await home.off();
    await home.boot({ bootId: 'b', aheadMs }, T0 + HOUR);
    await home.record(5);
    // Never before the newest record.
    expect(home.runs()[1]!.fromMs).toBeGreaterThanOrEqual(home.runs()[0]!.toMs);
    await home.away(5);
    await home.record(5);
    home.adopt();
    await home.record(5);
    expect(await expectWhole()).toEqual(sure(3));
  });

  it.each(STEPS)(
    '%s for a whole boot: its place stays a guess, and says so',
    async (_n, aheadMs) => {
      await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
      await home.record(5);
      await home.off();
      await home.boot({ bootId: 'b', aheadMs }, T0 + 2 * HOUR);
      await home.record(5);
      await home.away(5);
      await home.record(5);
      await home.off();
      await home.boot({ bootId: 'c', aheadMs: 0, synced: true }, T0 + 4 * HOUR);
      await home.record(5);
      expect(await expectWhole()).toEqual([true, false, false, true]);
      // Nothing lies in the future, and what came after is where it was.
      expect(home.runs()[2]!.toMs).toBeLessThanOrEqual(home.runs()[3]!.fromMs);
      // They keep their distance.
      expect(home.runs()[2]!.fromMs - home.runs()[1]!.toMs).toBe(5_000);
    },
  );

  it('in 1970 without footage, then right', async () => {
    await home.boot({ bootId: 'a', aheadMs: TO_1970 }, T0);
    await home.record(5);
    await home.crash();
    await home.record(5);
    expect(home.time.isClockTrusted()).toBe(false);
    expect(home.recordings().uncertain).toHaveLength(2);
    home.sync();
    await home.away(2);
    await home.record(2);
    expect(await expectWhole()).toEqual(sure(3));
    expect(home.recordings().uncertain).toEqual([]);
  });

  it('in 1970 with footage, and a phone that agrees with nothing', async () => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    await home.record(5);
    await home.off();
    await home.boot({ bootId: 'b', aheadMs: TO_1970 }, T0 + HOUR);
    await home.record(5);
    expect(home.time.wallMs()).toBeGreaterThan(T0);
    const before = { timeMs: home.time.wallMs(), withinMs: 0 };
    expect(() => {
      home.time.adopt({ ...before, timeMs: (T0 - HOUR) as typeof before.timeMs });
    }).toThrow(/newer than this time/);
    expect(await expectWhole()).toEqual([true, false]);
  });

  it('that is learned while the camera is away, by the writer that waits', async () => {
    await home.boot({ bootId: 'a', aheadMs: -3 * HOUR }, T0);
    await home.record(5);
    await home.away(30);
    home.sync();
    await home.away(30);
    expect(home.runs()[0]!.uncertain).toBe(false);
    await home.record(5);
    expect(await expectWhole()).toEqual(sure(2));
    expect(home.gaps()[0]).toEqual(['disconnected', 60]);
  });

  it('that contradicts certain footage is not believed, whoever set it', async () => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    await home.record(5);
    await home.off();
    await home.boot({ bootId: 'b', aheadMs: -YEAR, synced: true }, T0 + HOUR);
    expect(home.time.isClockTrusted()).toBe(false);
    await home.record(5);
    home.adopt();
    await home.record(5);
    expect(await expectWhole()).toEqual(sure(2));
  });
});

describe('both clock changes of a year, in Berlin', () => {
  const before = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'Europe/Berlin';
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  it.each([
    ['in spring', SPRING, -60, -120],
    ['in autumn', AUTUMN, -120, -60],
  ])('%s', async (_name, changeMs, offsetBefore, offsetAfter) => {
    expect(new Date(changeMs - 1).getTimezoneOffset()).toBe(offsetBefore);
    expect(new Date(changeMs).getTimezoneOffset()).toBe(offsetAfter);
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, changeMs - 65_000);
    // By little, because the queue counts by a clock that runs faster than the disk here.
    for (let tens = 0; tens < 13; tens += 1) await home.record(10);
    await home.away(5);
    await home.record(5);
    expect(await expectWhole()).toEqual(sure(2));
    expect(home.recordings().ranges[0]!.fromMs).toBe(changeMs - 65_000);
  });
});

describe('media that is faster than the clock', () => {
  it('runs ahead by 10 s, and not further: the rest is passed over, counted and said', async () => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    for (let connection = 0; connection < 12; connection += 1) {
      // 8 s in 4: within what ingest lets one connection do.
      await home.record(4, 2);
      await home.away(0, 'clock-drift');
      const leadMs = (home.runs().at(-1)?.toMs ?? 0) - home.trueMs;
      // 10 s where a run begins, and what the run itself adds.
      expect(leadMs).toBeLessThanOrEqual(10_000 + 4_000);
    }
    const recordedMs = home.runs().reduce((sum, run) => sum + run.footageMs, 0);
    const lostMs = home.recorder.stats.lostFramesTotal * 500;
    expect(lostMs).toBeGreaterThan(0);
    expect(recordedMs + lostMs).toBe(12 * 8_000);
    expect(home.gaps().slice(0, -1)).not.toEqual([]);
    for (const [reason] of home.gaps().slice(0, -1)) expect(reason).toBe('clock-drift');
    expect(await home.check()).toEqual([]);
  });

  it('a break of the connection makes up for it', async () => {
    await home.boot({ bootId: 'a', aheadMs: 0, synced: true }, T0);
    for (let connection = 0; connection < 6; connection += 1) {
      await home.record(4, 2);
      await home.away(5);
    }
    expect(home.recorder.stats.lostFramesTotal).toBe(0);
    expect(await home.check()).toEqual([]);
  });
});
