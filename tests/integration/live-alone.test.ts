/** Live pictures from a simulated camera to real WebSockets, where fractions of a second are judged. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { LIVE_CLOSE } from '../../server/contract/live.ts';
import { readPart } from '../../server/fmp4/part.ts';
import { until } from '../doubles/doorkeep-server.ts';
import { metricOf } from '../fixtures/household.ts';
import { LiveHome, untilFragments } from '../fixtures/live-home.ts';

const clock = new SystemClock();
let home: LiveHome;

beforeAll(async () => {
  home = await LiveHome.start();
});

afterEach(() => home.hangUp());

afterAll(async () => {
  await home.dispose();
});

describe('live', () => {
  it('begins with the GOP in memory, at once', async () => {
    await home.untilOnline();
    // In the middle of a GOP.
    await until(
      async () =>
        ((await metricOf(home.server, 'doorkeep_recorder_parts_total', home.id)) ?? 0) > 0,
      {
        ...{ withinMs: 15_000, what: 'a part' },
      },
    );
    await clock.sleep(600);
    const startedMs = clock.monotonicMs();
    const client = await home.watch();
    await untilFragments(client, 5);
    expect(client.texts.map(({ type }) => type)).toEqual(['init']);
    expect(readPart(client.run.fragments[0]!).video.sync[0]).toBe(1);
    // Beside a test runner on two cores; on its own it is about 20 ms.
    expect(client.arrivals[1]! - startedMs).toBeLessThan(300);
  });

  it('says when a picture was taken', async () => {
    const client = await home.watch();
    await untilFragments(client, 50);
    const { video } = readPart(client.run.fragments.at(-1)!);
    const endMs = (video.decodeTimeTicks + video.durations[0]!) / 90;
    expect(Math.abs(clock.wallMs() - client.run.init.epochMs - endMs)).toBeLessThan(500);
  });
});

describe('who may look', () => {
  it('is not a page from elsewhere, nor somebody without a session', async () => {
    await expect(home.watch('', { origin: 'http://evil.example' })).rejects.toMatchObject({
      status: 403,
    });
    await expect(home.watch('', { cookie: undefined })).rejects.toMatchObject({ status: 401 });
  });

  it('is nobody who has signed out: at once', async () => {
    const client = await home.watch();
    await untilFragments(client, 5);
    await home.server.api('DELETE', '/api/session');
    const signedOutMs = clock.monotonicMs();
    expect(await client.closed).toBe(LIVE_CLOSE.signedOut);
    expect(clock.monotonicMs() - signedOutMs).toBeLessThan(500);
    await expect(home.watch()).rejects.toMatchObject({ status: 401 });
    await home.server.signIn();
  });
});

it('stops promptly under the eyes of its viewers', async () => {
  await home.untilOnline();
  const [client, stuck] = [await home.watch(), await home.watch('?stream=sub')];
  await untilFragments(client, 5);
  stuck.socket.pause();
  const startedMs = clock.monotonicMs();
  expect(await home.server.stop()).toBe(0);
  expect(clock.monotonicMs() - startedMs).toBeLessThan(4_000);
  expect(await client.closed).toBe(LIVE_CLOSE.goingAway);
});
