/**
 * The whole server, over its API, with a simulated camera and a system's clock that is wrong: in the
 * process of the test, because that is where a clock can be handed in.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type App } from '../../server/app.ts';
import { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs, type EpochMs } from '../../server/base/time.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import type { AddedCamera } from '../../server/contract/camera.ts';
import type { ClockComparison } from '../../server/contract/clock.ts';
import type { Recordings } from '../../server/contract/recording.ts';
import type { MachineTime } from '../../server/time/machine-time.ts';
import { ASK_EVERY_MS, OWNER, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { ffmpegPath, ffprobeAvailable } from '../fixtures/test-ffmpeg.ts';

const HOUR = 3_600_000;
const YEARS = 3 * 365 * 24 * HOUR;
const PATH = '/stream1';

/** A first part takes a connection and a GOP; the rest is a busy machine's. */
const RECORDED_WITHIN_MS = 40_000;

/** What was asked, and when it was true, differ by an answer's way and a part's length. */
const CLOSE_MS = 6_000;

/** The machine's clock, set wrong. */
class WrongClock extends SystemClock {
  aheadMs = 0;

  override wallMs(): EpochMs {
    return epochMs(super.wallMs() + this.aheadMs);
  }
}

const truth = new SystemClock();

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

describe.skipIf(!ffprobeAvailable)('a box whose clock is wrong', () => {
  const clock = new WrongClock();
  const machine: MachineTime = {
    bootId: 'this one',
    uptimeMs: () => truth.monotonicMs() + HOUR,
    networkStamp: () => undefined,
  };
  const defects: unknown[] = [];
  let dataPath: string;
  let device: RtspCamera;
  let app: App | undefined;
  let cookie = '';
  let cameraId: string;

  beforeAll(async () => {
    dataPath = await mkdtemp(join(tmpdir(), 'doorkeep-clock-'));
    const clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
    device = await RtspCamera.start({ streams: { [PATH]: clip } });
  });

  afterAll(async () => {
    await app?.stop();
    await device.close();
    await rm(dataPath, { recursive: true, force: true });
    expect(defects).toEqual([]);
  });

  async function start(): Promise<void> {
    app = await startApp({
      config: { dataPath, host: '127.0.0.1', port: 0, ffmpegPath, version: '0.0.0' },
      ...{ clock, machine, log: silentLog },
      print: () => undefined,
      onDefect: (error) => defects.push(error),
      onRestored: () => undefined,
    });
  }

  async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${app!.address}${path}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  const signIn = (): Promise<unknown> => api('POST', '/api/session', OWNER);

  async function recordings(): Promise<{ ranges: Stretch[]; uncertain: number; open: boolean }> {
    const range = { from: '1970-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
    const query = new URLSearchParams({ camera: cameraId, ...range });
    const found = await api<Recordings>('GET', `/api/recordings?${query.toString()}`);
    return {
      ranges: found.ranges.map(({ from, to }) => ({
        ...{ fromMs: Date.parse(from), toMs: Date.parse(to) },
      })),
      uncertain: found.uncertain?.length ?? 0,
      open: found.gaps.at(-1)?.to === null,
    };
  }

  /** Waits until `count` stretches are there and the newest has so many seconds. */
  async function untilRecorded(seconds: number, count: number): Promise<Stretch[]> {
    let ranges: Stretch[] = [];
    await until(
      async () => {
        ({ ranges } = await recordings());
        const newest = ranges.at(-1);
        if (ranges.length < count || newest === undefined) return false;
        return newest.toMs - newest.fromMs >= seconds * 1_000;
      },
      { withinMs: RECORDED_WITHIN_MS, everyMs: ASK_EVERY_MS, what: `${String(seconds)} s` },
    );
    return ranges;
  }

  async function compare(adopt = false): Promise<ClockComparison> {
    const time = new Date(truth.wallMs()).toISOString();
    return api('POST', '/api/clock', { time, withinMs: 20, ...(adopt && { adopt }) });
  }

  it('boots in 1970, records, and says that the time is uncertain', async () => {
    clock.aheadMs = 60_000 - truth.wallMs();
    await start();
    const setupToken = (await readFile(join(dataPath, 'setup-token'), 'utf8')).trim();
    await api('POST', '/api/setup', { setupToken, ...OWNER });
    await signIn();
    const source = { type: 'rtsp', url: device.url(PATH) };
    const added = await api<AddedCamera>('POST', '/api/cameras', { name: 'Gate', source });
    cameraId = added.id;
    const [range] = await untilRecorded(3, 1);
    expect(range!.fromMs).toBeLessThan(HOUR);
    expect((await recordings()).uncertain).toBe(1);
    expect(await api('GET', '/api/clock')).toMatchObject({ source: 'nobody' });
  });

  it('is told the time by a person: what it recorded moves there, while it records', async () => {
    const before = await recordings();
    expect((await compare()).aheadMs).toBeLessThan(-50 * 365 * 24 * HOUR);
    const { source, aheadMs } = await compare(true);
    expect(source).toBe('person');
    expect(Math.abs(aheadMs)).toBeLessThan(1_000);
    await until(async () => (await recordings()).uncertain === 0, {
      ...{ withinMs: RECORDED_WITHIN_MS, everyMs: ASK_EVERY_MS, what: 'certain labels' },
    });
    const after = await recordings();
    expect(after.ranges).toHaveLength(1);
    const [range] = after.ranges;
    expect(Math.abs(range!.toMs - truth.wallMs())).toBeLessThan(CLOSE_MS);
    // Nothing was lost on the way.
    const lengthOf = ({ fromMs, toMs }: Stretch): number => toMs - fromMs;
    expect(lengthOf(range!)).toBeGreaterThanOrEqual(lengthOf(before.ranges[0]!));
    await untilRecorded(lengthOf(range!) / 1_000 + 2, 1);
  });

  it.each([
    ['an hour ahead', HOUR],
    ['an hour back', -HOUR],
    ['three years ahead', YEARS],
  ])('%s: a new connection of the camera goes on where it truly is', async (_name, stepMs) => {
    const count = (await recordings()).ranges.length;
    clock.aheadMs += stepMs;
    // Sessions go by the system's clock: three years ahead nobody is signed in any more.
    await signIn();
    await device.stopListening();
    device.dropConnections();
    await until(async () => (await recordings()).open, {
      ...{ withinMs: RECORDED_WITHIN_MS, everyMs: ASK_EVERY_MS, what: 'the gap' },
    });
    await truth.sleep(1_000);
    await device.listenAgain();
    const ranges = await untilRecorded(2, count + 1);
    expect(Math.abs(ranges.at(-1)!.toMs - truth.wallMs())).toBeLessThan(CLOSE_MS);
    expect((await recordings()).uncertain).toBe(0);
    expect(Math.abs((await compare()).aheadMs)).toBeLessThan(1_000);
  });

  it('fifty years back while the server is down: the boot is the same, so the time is known', async () => {
    const before = await recordings();
    await app!.stop();
    clock.aheadMs = 60_000 - truth.wallMs();
    await start().then(signIn);
    const ranges = await untilRecorded(2, before.ranges.length + 1);
    expect(Math.abs(ranges.at(-1)!.toMs - truth.wallMs())).toBeLessThan(CLOSE_MS);
    ranges.slice(1).forEach(({ fromMs }, index) => {
      expect(fromMs).toBeGreaterThanOrEqual(ranges[index]!.toMs);
    });
  });

  it('leaves index and files as they should be', async () => {
    await app!.stop();
    app = undefined;
    const entry = join(PACKAGE_ROOT, 'dist', 'server', 'cli', 'doorkeep.js');
    const env = { PATH: process.env.PATH, DOORKEEP_DATA: dataPath };
    // Throws with what it found.
    expect(execFileSync(process.execPath, [entry, 'fsck'], { env, encoding: 'utf8' })).not.toBe('');
  });
});
