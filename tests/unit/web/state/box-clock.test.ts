import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockComparison, PageClock } from '../../../../server/contract/clock.ts';
import { adoptThisClock, clockDifference, compareClocks } from '../../../../web/state/box-clock.ts';
import { TestBrowserClock } from '../../../doubles/test-browser-clock.ts';

let clock: TestBrowserClock;
let aheadMs: number;
let source: ClockComparison['source'];
let sent: PageClock[];
/** How long the box takes for the GET. */
let slowMs: number;
let status: number;
/** The page lives on from test to test, and so does its clock. */
let startMs = 0;
const realFetch = globalThis.fetch;

beforeEach(async () => {
  clock = new TestBrowserClock();
  startMs += 1e9;
  await clock.advance(startMs);
  [aheadMs, source, sent, slowMs, status] = [0, 'nobody', [], 0, 200];
  globalThis.fetch = async (_path, init = {}) => {
    const time = new Date(clock.wallMs() + aheadMs).toISOString();
    if (init.method === 'GET') await clock.advance(slowMs);
    else sent.push(JSON.parse(init.body as string) as PageClock);
    if (sent.at(-1)?.adopt === true) aheadMs = 0;
    const headers = { 'Content-Type': 'application/json' };
    return new Response(JSON.stringify({ time, source, aheadMs }), { status, headers });
  };
});

afterEach(() => {
  globalThis.fetch = realFetch;
});

describe('the page', () => {
  it('says nothing while the clocks agree', async () => {
    aheadMs = -119_000;
    await compareClocks(clock);
    expect(clockDifference.value).toBeUndefined();
    expect(sent).toHaveLength(1);
    expect(Date.parse(sent[0]!.time)).toBe(Math.floor(clock.wallMs()));
    expect(sent[0]!.adopt).toBeUndefined();
  });

  it('states both when they differ by more than two minutes, until a person settles it', async () => {
    aheadMs = -3 * 3_600_000;
    await compareClocks(clock);
    const { boxMs, hereMs, boxIsSure } = clockDifference.value!;
    expect(boxMs - hereMs).toBe(aheadMs);
    expect(boxIsSure).toBe(false);
    expect(await adoptThisClock(clock)).toBeUndefined();
    expect(sent.at(-1)!.adopt).toBe(true);
    expect(clockDifference.value).toBeUndefined();
  });

  it('knows whose clock is wrong when the box has its time from the network', async () => {
    [aheadMs, source] = [3_600_000, 'network'];
    await compareClocks(clock);
    expect(clockDifference.value?.boxIsSure).toBe(true);
    aheadMs = 0;
    await adoptThisClock(clock);
  });

  it('tells the box how long the way was, and says nothing of a clock after a way too long', async () => {
    slowMs = 700;
    await compareClocks(clock);
    expect(sent.at(-1)!.withinMs).toBe(700);
    slowMs = 10_001;
    expect(await adoptThisClock(clock)).toMatchObject({ sentence: expect.any(String) as string });
    expect(sent).toHaveLength(1);
  });

  it('compares once an hour, and again at once after what went wrong', async () => {
    status = 500;
    await compareClocks(clock);
    status = 200;
    await compareClocks(clock);
    await compareClocks(clock);
    expect(sent).toHaveLength(1);
    await clock.advance(3_600_000);
    await compareClocks(clock);
    expect(sent).toHaveLength(2);
  });
});
