/// <reference lib="dom" />
/**
 * `npm run bench -- live --json [--seconds N] [--minutes N]`: the live view of the built page in
 * Chromium, from the moment when the simulated camera sends a picture until the browser shows it; with
 * and without sound, and beside it in the same minute a plain player. With `--drift`, only how the
 * delay changes in a long time (10 minutes unless said otherwise): two pages side by side, one with
 * sound. docs/design/live-player.md says how each figure is come by.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { SystemClock } from '../../server/base/clock.ts';
import type { NewCamera } from '../../server/contract/camera.ts';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { TimedSource } from '../doubles/rtsp-camera/timed-source.ts';
import { contextOptions, startBrowser } from '../fixtures/browser.ts';
import { type ClipSpec, CLIPS, makeClip } from '../fixtures/clips.ts';
import { addCamera, metricOf, untilRecorded } from '../fixtures/household.ts';
import {
  pageClockMs,
  playPlainly,
  type SeenPicture,
  takeFlashes,
  takeNumbers,
  untilFirst,
  watchFirst,
  watchFlashes,
  watchNumbers,
} from './live-page.ts';

const DEFAULT_SECONDS = 20;
const DRIFT_SECONDS = 600;
/** The start is a figure of its own; until then the playhead finds its place. */
const SETTLE_MS = 8_000;
/** How often the page is opened to see its first picture. */
const OPENINGS = 5;
/** Beginning and end of a run, of which the delays are compared. */
const DRIFT_EDGE_MS = 30_000;
const IDLE_SECONDS = 10;
const WALL_CAMERAS = 4;

const BUDGETS = {
  ...{ firstPictureMs: 300, p50Ms: 250, p95Ms: 450, soundOffsetMs: 100, driftMs: 1_000 },
  ...{ plainRatio: 4, idleScriptMsPerSecond: 2, lostFrames: 0 },
};

const clock = new SystemClock();
const small: ClipSpec = { ...CLIPS.small, width: 320, height: 180, bitrateKbps: 150 };

/** Percentiles of delays in milliseconds. */
interface Delays {
  readonly pictures: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

interface Round {
  readonly sound: boolean;
  /** From the `<video>` being placed, and from the page being asked for; medians. */
  readonly firstPictureMs: number;
  readonly openingMs: number;
  readonly glassToGlass: Delays;
  readonly plain: Delays;
  readonly plainRatio: number;
  /** Share of the sent pictures that were not shown. */
  readonly notShown: number;
  /** Median delay at the end minus that at the beginning. */
  readonly driftMs: number;
}

/** What the command prints. */
export async function run(args: readonly string[] = []): Promise<object> {
  if (args.includes('--drift')) return runDrift(secondsFrom(args, DRIFT_SECONDS));
  const seconds = secondsFrom(args, DEFAULT_SECONDS);
  const silent = await withHome({ sound: false, spec: CLIPS.camera }, (home) =>
    measure(home, seconds),
  );
  const loud = await withHome({ sound: true, spec: CLIPS.camera }, (home) =>
    measure(home, seconds),
  );
  const spec = { ...CLIPS.flashAndBeep, fps: 15 };
  const soundOffset = await withHome({ sound: true, spec }, measureSound);
  const wall = await withHome({ sound: false, spec: CLIPS.camera, sub: small }, measureWall);
  const rounds = [silent, loud];
  return {
    ...{ bench: 'live', framesPerSecond: 15, seconds, budgets: BUDGETS, rounds, soundOffset, wall },
    held:
      rounds.every(isHeld) &&
      soundOffset.maxMs <= BUDGETS.soundOffsetMs &&
      wall.scriptMsPerSecond <= BUDGETS.idleScriptMsPerSecond &&
      wall.lostFrames === BUDGETS.lostFrames,
  };
}

function isHeld(round: Round): boolean {
  return (
    round.firstPictureMs <= BUDGETS.firstPictureMs &&
    round.glassToGlass.p50Ms <= BUDGETS.p50Ms &&
    round.glassToGlass.p95Ms <= BUDGETS.p95Ms &&
    round.plainRatio >= BUDGETS.plainRatio &&
    Math.abs(round.driftMs) <= BUDGETS.driftMs
  );
}

function secondsFrom(args: readonly string[], otherwise: number): number {
  const valueOf = (name: string): number => Number(args[args.indexOf(name) + 1]);
  const seconds = args.includes('--minutes')
    ? valueOf('--minutes') * 60
    : args.includes('--seconds')
      ? valueOf('--seconds')
      : otherwise;
  if (!(seconds >= 5 && seconds <= 3_600)) throw new Error('between 5 seconds and 60 minutes');
  return seconds;
}

/** A server with a camera that was found, and a browser of somebody who is signed in. */
interface Home {
  readonly server: DoorkeepServer;
  readonly source: TimedSource;
  readonly device: RtspCamera;
  readonly cameraId: string;
  readonly sound: boolean;
  /** Another browser each: a tab in the background would be slowed down. */
  open(): Promise<Page>;
}

async function withHome<T>(
  { sound, spec, sub }: { sound: boolean; spec: ClipSpec; sub?: ClipSpec },
  body: (home: Home) => Promise<T>,
): Promise<T> {
  const picture = spec.picture === 'flash' ? 'flash' : 'numbered';
  const main = await loadClip(await makeClip({ ...spec, picture, sound: sound ? 'aac' : 'none' }));
  const source = new TimedSource(main, clock);
  const device = await RtspCamera.start({
    streams: {
      '/main': source,
      ...(sub === undefined ? {} : { '/sub': await loadClip(await makeClip(sub)) }),
    },
  });
  const server = await DoorkeepServer.start();
  const browsers: Browser[] = [];
  const open = async (): Promise<Page> => {
    const browser = await startBrowser(['--autoplay-policy=no-user-gesture-required']);
    browsers.push(browser);
    const context = await browser.newContext(contextOptions({ size: 'desktop', theme: 'light' }));
    await signIn(context, server);
    return context.newPage();
  };
  try {
    await server.setUp();
    const { id } = await addCamera(server, { name: 'Door', source: sourceOf(device), sound });
    await untilRecorded(server, id, 3);
    return await body({ server, source, device, cameraId: id, sound, open });
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await server.dispose();
    await device.close();
  }
}

function sourceOf(device: RtspCamera): NewCamera['source'] {
  return {
    type: 'rtsp',
    url: device.url('/main'),
    ...(device.streams.has('/sub') ? { subUrl: device.url('/sub') } : {}),
  };
}

async function signIn(context: BrowserContext, server: DoorkeepServer): Promise<void> {
  const [name = '', value = ''] = (server.cookie ?? '').split(/=(.*)/s);
  await context.addCookies([{ name, value, url: server.baseUrl, httpOnly: true }]);
}

async function measure(home: Home, seconds: number): Promise<Round> {
  const openings = await openAgainAndAgain(home);
  const page = await home.open();
  await watchLive(page, home);
  if (home.sound) await soundOn(page);
  const plainPage = await home.open();
  // A page of the same origin without any script of its own.
  await plainPage.goto(`${home.server.baseUrl}/icon.svg`);
  await plainPage.goto(`${home.server.baseUrl}/api/health`);
  await playPlainly(plainPage, home.cameraId);
  await clock.sleep(SETTLE_MS);
  await Promise.all([watchNumbers(page), watchNumbers(plainPage)]);
  const sentBefore = home.source.sent;
  const [seen, plainly] = await Promise.all([
    collect(page, home.source, seconds),
    collect(plainPage, home.source, seconds),
  ]);
  const sent = home.source.sent - sentBefore;
  const [glassToGlass, plain] = [delaysOf(seen), delaysOf(plainly)];
  return {
    sound: home.sound,
    firstPictureMs: median(openings.map(({ placedMs, seenMs }) => seenMs - placedMs)),
    openingMs: median(openings.map(({ seenMs }) => seenMs)),
    ...{ glassToGlass, plain, plainRatio: rounded(plain.p50Ms / glassToGlass.p50Ms) },
    notShown: rounded(Math.max(0, 1 - seen.length / sent)),
    driftMs: driftOf(seen),
  };
}

/** What a long look finds out. */
interface Drift {
  readonly sound: boolean;
  readonly delays: Delays;
  readonly driftMs: number;
  /** Median delay of each minute: a drift that was caught up is seen here. */
  readonly minuteP50Ms: readonly number[];
}

async function runDrift(seconds: number): Promise<object> {
  const drifts = await withHome({ sound: true, spec: CLIPS.camera }, async (home) => {
    const pages = [await home.open(), await home.open()] as const;
    for (const page of pages) await watchLive(page, home);
    await soundOn(pages[1]);
    await clock.sleep(SETTLE_MS);
    for (const page of pages) await watchNumbers(page);
    const seen = await Promise.all(pages.map((page) => collect(page, home.source, seconds)));
    return seen.map((delayed, index) => driftIn(delayed, index === 1));
  });
  const changes = drifts.flatMap(({ driftMs, minuteP50Ms }) => [
    Math.abs(driftMs),
    Math.max(...minuteP50Ms) - Math.min(...minuteP50Ms),
  ]);
  return {
    ...{ bench: 'live', part: 'drift', framesPerSecond: 15, seconds },
    ...{ budgets: { driftMs: BUDGETS.driftMs }, drifts },
    held: changes.every((ms) => ms <= BUDGETS.driftMs),
  };
}

function driftIn(seen: readonly Delayed[], sound: boolean): Drift {
  const startMs = seen[0]?.atMs ?? 0;
  const minutes = new Map<number, number[]>();
  for (const { atMs, delayMs } of seen) {
    const minute = Math.floor((atMs - startMs) / 60_000);
    minutes.set(minute, [...(minutes.get(minute) ?? []), delayMs]);
  }
  return {
    ...{ sound, delays: delaysOf(seen), driftMs: driftOf(seen) },
    minuteP50Ms: [...minutes.values()].map(median),
  };
}

/** Median delay at the end minus that at the beginning. */
function driftOf(seen: readonly Delayed[]): number {
  const [firstMs, lastMs] = [seen[0]?.atMs ?? 0, seen.at(-1)?.atMs ?? 0];
  const edgeMs = Math.min(DRIFT_EDGE_MS, (lastMs - firstMs) / 2);
  const atEnd = seen.filter(({ atMs }) => lastMs - atMs < edgeMs);
  const atStart = seen.filter(({ atMs }) => atMs - firstMs < edgeMs);
  return rounded(
    median(atEnd.map(({ delayMs }) => delayMs)) - median(atStart.map(({ delayMs }) => delayMs)),
  );
}

async function watchLive(page: Page, home: Home): Promise<void> {
  await page.goto(cameraPage(home));
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0);
}

async function soundOn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sound', exact: true }).click();
}

function cameraPage({ server, cameraId }: Home): string {
  return `${server.baseUrl}/camera/${cameraId}`;
}

async function openAgainAndAgain(home: Home): Promise<{ placedMs: number; seenMs: number }[]> {
  const page = await home.open();
  await watchFirst(page);
  const openings = [];
  for (let time = 0; time < OPENINGS; time += 1) {
    await page.goto(cameraPage(home));
    openings.push(await untilFirst(page));
    // Another place in the GOP each time.
    await clock.sleep(700 + 310 * time);
  }
  await page.close();
  return openings;
}

interface Delayed {
  readonly atMs: number;
  readonly delayMs: number;
}

/** The delays of all pictures that are shown in so many seconds. */
async function collect(page: Page, source: TimedSource, seconds: number): Promise<Delayed[]> {
  const delayed: Delayed[] = [];
  await takeNumbers(page);
  const untilMs = clock.monotonicMs() + seconds * 1_000;
  while (clock.monotonicMs() < untilMs) {
    // The clocks are compared anew each time: a browser's may be slewed.
    const offsetMs = await pageClockMs(page, clock);
    await clock.sleep(Math.min(5_000, Math.max(0, untilMs - clock.monotonicMs())));
    delayed.push(...(await takeNumbers(page)).flatMap((seen) => delayOf(seen, source, offsetMs)));
  }
  return delayed;
}

function delayOf(seen: SeenPicture, source: TimedSource, offsetMs: number): Delayed[] {
  const sentMs = source.sentMs(seen.number);
  const atMs = seen.atMs + offsetMs;
  return sentMs === undefined || sentMs > atMs ? [] : [{ atMs, delayMs: atMs - sentMs }];
}

async function measureSound(home: Home): Promise<Delays & { readonly medianMs: number }> {
  const page = await home.open();
  await page.goto(cameraPage(home));
  await page.getByRole('button', { name: 'Sound', exact: true }).click();
  await clock.sleep(SETTLE_MS);
  await watchFlashes(page);
  await clock.sleep(DEFAULT_SECONDS * 1_000);
  const pairs = await takeFlashes(page);
  const apart = pairs.map(({ flashMs, beepMs }) => beepMs - flashMs);
  return { ...percentiles(apart.map(Math.abs)), medianMs: rounded(median(apart)) };
}

interface Wall {
  readonly cameras: number;
  readonly scriptMsPerSecond: number;
  readonly taskMsPerSecond: number;
  readonly lostFrames: number;
}

async function measureWall(home: Home): Promise<Wall> {
  const { server, device } = home;
  const source = sourceOf(device);
  for (let camera = 1; camera < WALL_CAMERAS; camera += 1) {
    await addCamera(server, { name: `Camera ${camera}`, source, sound: false });
  }
  const page = await home.open();
  await page.goto(server.baseUrl);
  await page.waitForFunction(
    (count) =>
      [...document.querySelectorAll('video')].filter(({ currentTime }) => currentTime > 3)
        .length === count,
    WALL_CAMERAS,
  );
  const work = await mainThreadWork(page, IDLE_SECONDS);
  return {
    ...{ cameras: WALL_CAMERAS, ...work },
    lostFrames: (await metricOf(server, 'doorkeep_recorder_lost_frames_total', home.cameraId)) ?? 0,
  };
}

/** What the page's own thread works while nobody touches it: time of the processor, not of the clock,
 * because other programs of a busy machine are not the page's fault. */
async function mainThreadWork(
  page: Page,
  seconds: number,
): Promise<Pick<Wall, 'scriptMsPerSecond' | 'taskMsPerSecond'>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (name: string): Promise<number> => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === name)?.value ?? 0;
  };
  const names = ['ScriptDuration', 'TaskDuration'];
  const before = await Promise.all(names.map(read));
  await clock.sleep(seconds * 1_000);
  const after = await Promise.all(names.map(read));
  const [script = 0, task = 0] = after.map((value, index) => value - (before[index] ?? 0));
  await cdp.detach();
  return {
    scriptMsPerSecond: rounded((script * 1_000) / seconds),
    taskMsPerSecond: rounded((task * 1_000) / seconds),
  };
}

function delaysOf(delayed: readonly Delayed[]): Delays {
  return percentiles(delayed.map(({ delayMs }) => delayMs));
}

function percentiles(values: readonly number[]): Delays {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity);
  return { pictures: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? Infinity);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
