/// <reference lib="dom" />
/**
 * Four cameras that are recorded, two people who have them on the wall, and one of the two is frozen:
 * every process of that browser is stopped, its sockets stay open, and nothing reads them. That costs
 * the box little, the other person and the recording nothing, and who wakes up sees live pictures.
 *
 * `DOORKEEP_LONG=1`: 1080p at 3 Mbit/s, frozen again and again for ten minutes; prints what it
 * measured (docs/design/live.md).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import {
  SOCKET_MAX_BYTES,
  STALLED_MS,
  UNANSWERED_MAX_MS,
  WAIT_MAX_MS,
} from '../../server/live/viewer.ts';
import { until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { TimedSource } from '../doubles/rtsp-camera/timed-source.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { notedNumbers, noteNumbers, type ShownNumbers } from '../fixtures/browser-numbers.ts';
import { shownNumber, untilMoving } from '../fixtures/browser-picture.ts';
import { CLIPS, type ClipSpec, makeClip, numbersOf } from '../fixtures/clips.ts';
import { HomeWithPage, MAIN_PATH, sourceOf, SUB_PATH } from '../fixtures/home-with-page.ts';
import {
  addCameras,
  metricOf,
  rangesOf,
  recordingsOf,
  type Stretch,
  takeOut,
  untilRecorded,
} from '../fixtures/household.ts';
import { holesIn, LiveReceived, type ReceivedFeed } from '../fixtures/live-received.ts';
import { MemoryCurve, type MemorySample } from '../fixtures/memory-curve.ts';
import { StoppableBrowser } from '../fixtures/stoppable-browser.ts';

const CAMERAS = ['Porch', 'Garage', 'Garden', 'Yard'];

const LONG = process.env.DOORKEEP_LONG === '1';
const LONG_MS = LONG ? 600_000 : 0;

/** Numbers repeat after 32 s: longer than anybody is frozen, so that an old picture is known as such. */
const MAIN: ClipSpec = {
  ...(LONG ? CLIPS.camera : { ...CLIPS.small, gopSeconds: 1 }),
  ...{ picture: 'numbered', seconds: 32 },
};
const SUB: ClipSpec = {
  ...CLIPS.small,
  ...{ width: 320, height: 180, bitrateKbps: 150, gopSeconds: 1, seconds: 8 },
};
const NUMBERS = MAIN.fps * MAIN.seconds;
const BYTES_PER_MS = MAIN.bitrateKbps / 8;

/** A viewer's limits are looked at once a second; a busy machine is late, and asks late. */
const LOOK_MS = 1_000;
const LATE_MS = 1_000;

/** An encoder may spend the bits of a second at once. */
const BURST_MS = 1_000;

/** What is sent to somebody who no longer answers: until the next ping, and while that is out. */
const SENT_UNREAD_MS = LOOK_MS + UNANSWERED_MAX_MS + LATE_MS;

/** All that the kernel may have to hold for the frozen viewer, whose sockets stay open. */
const UNREAD_MAX_BYTES = CAMERAS.length * BYTES_PER_MS * (SENT_UNREAD_MS + BURST_MS);

/**
 * What a garbage collector that sees no need leaves lying about. Measured: 1 to 3 MB in as long a time
 * without a frozen viewer, up to 16 MB in the first minute of a server.
 */
const COLLECTOR_BYTES = 20_000_000;

/** What the server may grow by: what waits below each socket, and what waits in each queue and is no
 * longer in the GOP in memory. */
const GROWTH_MAX_BYTES =
  COLLECTOR_BYTES +
  CAMERAS.length * (SOCKET_MAX_BYTES + BYTES_PER_MS * (WAIT_MAX_MS + LATE_MS + BURST_MS));

/** The box hangs up when nothing was taken for so long; the last thing that may be taken is the last
 * that was sent. */
const GONE_WITHIN_MS = SENT_UNREAD_MS + STALLED_MS + LOOK_MS + LATE_MS;

/** Frames that the frozen viewer had: sent and not read, or in the queue at the end. All others of its
 * time were left out, or they would lie somewhere. */
const KEPT_MAX_FRAMES =
  (CAMERAS.length * MAIN.fps * (SENT_UNREAD_MS + WAIT_MAX_MS + 2 * LATE_MS)) / 1_000;

/** One GOP: what a viewer loses that has to begin again at a key frame. Whoever waits for the frozen
 * one stands still for ten times as long; a busy machine with two cores takes half of it by itself. */
const HOLE_MAX_MS = 2_000;
const HOLE_MAX_FRAMES = (HOLE_MAX_MS / 1_000) * MAIN.fps;

/** After waking: the page notices, connects, and four decoders begin with the GOP in memory. */
const BACK_WITHIN_MS = 5_000;

/** No further behind than this is live; experience.md, rule 3, calls 2 s late. */
const LIVE_FRAMES = MAIN.fps;

/** How long the server is looked at before somebody is frozen. */
const REST_MS = 2_000;

const clock = new SystemClock();

/** A recorded camera and what it sends. */
interface Sender {
  readonly id: string;
  readonly name: string;
  readonly device: RtspCamera;
  readonly source: TimedSource;
}

/** Somebody's wall of pictures, and all that is sent to it. */
interface Wall {
  readonly page: Page;
  readonly received: LiveReceived;
}

/** One time of being frozen. */
interface Freeze {
  readonly goneAfterMs: number;
  readonly backAfterMs: number;
  /** By all cameras, while it was frozen. */
  readonly sentFrames: number;
  readonly droppedFrames: number;
  readonly grewBytes: number;
  readonly unreadBytes: number;
}

/** How far a camera and the wall that is not frozen were at one moment. */
interface Mark {
  readonly sent: number;
  readonly newest: number;
  readonly received: number;
}

describe.skipIf(!chromiumAvailable)('a frozen tab', () => {
  let home: HomeWithPage;
  let other: StoppableBrowser;
  let folder: string;
  const senders: Sender[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-frozen-'));
    home = await HomeWithPage.start();
    other = await StoppableBrowser.start();
    const main = await loadClip(await makeClip(MAIN));
    const sub = await loadClip(await makeClip(SUB));
    const devices = CAMERAS.map(async (name) => {
      const source = new TimedSource(main, clock);
      const streams = { [MAIN_PATH]: source, [SUB_PATH]: sub };
      const device = home.adopt(await RtspCamera.start({ streams }));
      return { name, source, device };
    });
    const made = await Promise.all(devices);
    const cameras = made.map(({ name, device }) => ({ name, source: sourceOf(device) }));
    await addCameras(home.server, cameras, ({ id }, index) => {
      senders[index] = { id, ...made[index]! };
    });
    for (const { id } of senders) await untilRecorded(home.server, id, 1);
  });
  afterAll(async () => {
    await other.close();
    await home.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** The wall for two; what is sent to them is listened to from the first byte on. */
  async function withTwoWalls(body: (steady: Wall, frozen: Wall) => Promise<void>): Promise<void> {
    const look = { ...SIZES[1]!, at: 'none' };
    await home.visit({ ...look, journey: 'frozen-other' }, async ({ page: steadyPage }) => {
      const steady = { page: steadyPage, received: new LiveReceived(steadyPage) };
      await home.visit({ ...look, journey: 'frozen', browser: other.browser }, async ({ page }) => {
        const frozen = { page, received: new LiveReceived(page) };
        await Promise.all([steady, frozen].map(({ page: wall }) => wall.goto('/')));
        await Promise.all([steady, frozen].map(untilSettled));
        await until(async () => (await liveMetric('viewers')) === 2 * CAMERAS.length, {
          ...{ withinMs: 5_000, what: 'one connection for each picture' },
        });
        await body(steady, frozen);
      });
    });
  }

  /** Waits until a wall has found the picture that suits it: at this size, the large one. */
  async function untilSettled({ page, received }: Wall): Promise<void> {
    await Promise.all(senders.map(({ id }) => untilMoving(page, id)));
    const isSettled = ({ id }: Sender): boolean => {
      const feed = received.feedOf(id);
      return feed?.stream === 'main' && (feed.runs.at(-1)?.pictures.length ?? 0) > MAIN.fps;
    };
    await until(() => senders.every(isSettled), {
      ...{ withinMs: 15_000, what: 'the large picture of every camera' },
    });
  }

  async function liveMetric(name: 'viewers' | 'dropped_frames_total'): Promise<number> {
    return (await metricOf(home.server, `doorkeep_live_${name}`)) ?? NaN;
  }

  /** How many pictures a wall is behind its cameras: the most of all. */
  async function framesBehind({ page }: Wall): Promise<number> {
    const behind = senders.map(async ({ id, source }) => {
      const number = await shownNumber(page, id);
      return (source.newest - number + NUMBERS) % NUMBERS;
    });
    return Math.max(...(await Promise.all(behind)));
  }

  /** Stops the other browser until the box has hung up on it, lets it go on, and waits until its
   * wall is live. */
  async function freeze(wall: Wall, curve: MemoryCurve): Promise<Freeze> {
    await clock.sleep(REST_MS);
    expect(await liveMetric('viewers')).toBe(2 * CAMERAS.length);
    const droppedBefore = await liveMetric('dropped_frames_total');
    const sentBefore = sentBy(senders);
    const startedMs = clock.monotonicMs();
    try {
      await other.stop();
      await until(async () => (await liveMetric('viewers')) === CAMERAS.length, {
        ...{ withinMs: 2 * GONE_WITHIN_MS, what: 'the box hanging up on who is frozen' },
      });
    } finally {
      await other.goOn();
    }
    const thawedMs = clock.monotonicMs();
    const sentFrames = sentBy(senders) - sentBefore;
    await until(async () => (await framesBehind(wall)) <= LIVE_FRAMES, {
      ...{ withinMs: 4 * BACK_WITHIN_MS, what: 'the frozen wall being live again' },
    });
    const backAfterMs = clock.monotonicMs() - thawedMs;
    const during = curve.between(startedMs, thawedMs);
    const before = curve.between(startedMs - REST_MS, startedMs);
    return {
      ...{ goneAfterMs: thawedMs - startedMs, backAfterMs, sentFrames },
      droppedFrames: (await liveMetric('dropped_frames_total')) - droppedBefore,
      grewBytes: mostOf(during, 'residentBytes') - mostOf(before, 'residentBytes'),
      unreadBytes: mostOf(during, 'unreadBytes'),
    };
  }

  /** Every picture that a camera sent between two marks is in an export of that time, in order. */
  async function expectRecorded(
    { id, name }: Sender,
    [before, after]: readonly [Mark, Mark],
    range: Stretch,
  ): Promise<void> {
    await until(async () => ((await rangesOf(home.server, id)).at(-1)?.toMs ?? 0) > range.toMs, {
      ...{ withinMs: 15_000, what: `the end of ${name} on disk` },
    });
    const { path } = await takeOut(home.server, id, { ...range, folder });
    const recorded = await numbersOf(path);
    const at = recorded.indexOf(before.newest);
    const sent = Array.from(
      { length: after.sent - before.sent + 1 },
      (_, index) => (before.newest + index) % NUMBERS,
    );
    expect(at, name).toBeGreaterThanOrEqual(0);
    expect(recorded.slice(at, at + sent.length), name).toEqual(sent);
    // And by what the box says itself.
    for (const lost of ['recorder_lost_frames', 'ingest_lost_packets']) {
      expect(await metricOf(home.server, `doorkeep_${lost}_total`, id), `${name}: ${lost}`).toBe(0);
    }
    const { ranges, gaps } = await recordingsOf(home.server, id);
    expect([ranges.length, gaps], name).toEqual([1, []]);
  }

  it(
    'costs the box little and others nothing, and is live again by itself',
    async () => {
      await withTwoWalls(async (steady, frozen) => {
        await frozen.page.evaluate(() => {
          document.body.dataset['mark'] = 'before';
        });
        const feeds = senders.map(({ id }) => steady.received.feedOf(id)!);
        const runs = feeds.map((feed) => feed.runs.length);
        const connections = senders.map(({ device }) => device.totalConnections);
        const marksNow = (): Mark[] => senders.map((sender, at) => markOf(sender, feeds[at]!));
        const { pid, baseUrl } = home.server;
        const curve = MemoryCurve.start(pid, Number(new URL(baseUrl).port));
        await noteNumbers(steady.page);
        const before = marksNow();
        const fromMs = clock.wallMs();
        const freezes: Freeze[] = [];
        const startedMs = clock.monotonicMs();
        do freezes.push(await freeze(frozen, curve));
        while (clock.monotonicMs() - startedMs < LONG_MS);
        const after = marksNow();
        const toMs = clock.wallMs();
        const shown = await notedNumbers(steady.page);
        await curve.stop();
        if (LONG) report(freezes, [...shown.values()], curve.samples);

        for (const one of freezes) {
          expect(one.goneAfterMs).toBeGreaterThan(STALLED_MS - LOOK_MS);
          expect(one.goneAfterMs).toBeLessThan(GONE_WITHIN_MS);
          expect(one.droppedFrames).toBeGreaterThan(one.sentFrames - KEPT_MAX_FRAMES);
          expect(one.droppedFrames).toBeLessThan(one.sentFrames);
          expect(one.unreadBytes).toBeLessThan(UNREAD_MAX_BYTES);
          expect(one.grewBytes).toBeLessThan(GROWTH_MAX_BYTES);
          expect(one.backAfterMs).toBeLessThan(BACK_WITHIN_MS);
        }
        // It came back without being loaded anew, and nobody touched it.
        const mark = await frozen.page.evaluate(() => document.body.dataset['mark']);
        const words = frozen.page.getByText('live', { exact: true });
        await expect.poll(() => words.count(), { timeout: 5_000 }).toBe(CAMERAS.length);
        expect(mark).toBe('before');
        expect(await liveMetric('viewers')).toBe(2 * CAMERAS.length);

        for (const [index, { id, name, device }] of senders.entries()) {
          const feed = feeds[index]!;
          const sent = after[index]!.sent - before[index]!.sent;
          const received = after[index]!.received - before[index]!.received;
          expect([feed.open, feed.runs.length, feed.droppedFrames], name).toEqual([
            ...[true, runs[index], 0],
          ]);
          expect(holesIn(feed.runs.at(-1)!), name).toBe(0);
          expect(received, name).toBeGreaterThan(sent - LIVE_FRAMES);
          expect(shown.get(id)?.longestMs, name).toBeLessThan(HOLE_MAX_MS);
          expect(mostPassedOver(shown.get(id)?.numbers ?? []), name).toBeLessThan(HOLE_MAX_FRAMES);
          expect(device.totalConnections, name).toBe(connections[index]);
          const range = { fromMs: fromMs - REST_MS, toMs: toMs + LATE_MS };
          await expectRecorded(senders[index]!, [before[index]!, after[index]!], range);
        }
      });
    },
    120_000 + 2 * LONG_MS,
  );
});

function sentBy(senders: readonly Sender[]): number {
  return senders.reduce((sum, { source }) => sum + source.sent, 0);
}

function markOf({ source: { sent, newest } }: Sender, feed: ReceivedFeed): Mark {
  return { sent, newest, received: feed.runs.at(-1)?.pictures.length ?? 0 };
}

function mostOf(samples: readonly MemorySample[], what: 'residentBytes' | 'unreadBytes'): number {
  return Math.max(...samples.map((sample) => sample[what]));
}

/** The longest step from one picture to the next, around the end of the clip. */
function mostPassedOver(numbers: readonly number[]): number {
  const steps = numbers
    .slice(1)
    .map((number, index) => (number - numbers[index]! + NUMBERS) % NUMBERS);
  return Math.max(...steps);
}

/** For the design page. */
function report(
  freezes: readonly Freeze[],
  shown: readonly ShownNumbers[],
  samples: readonly MemorySample[],
): void {
  const mb = samples.map(({ residentBytes }) => Math.round(residentBytes / 1e5) / 10);
  // One of each 10 s.
  const curveMb = mb.filter((_, index) => index % 50 === 0);
  const rssMb = { min: Math.min(...mb), max: Math.max(...mb), curveMb };
  const longestMs = Math.max(...shown.map((one) => one.longestMs));
  process.stdout.write(`${JSON.stringify({ rssMb, longestMs, freezes }, undefined, 2)}\n`);
}
