/**
 * SIGKILL of the whole server at random moments, again and again, while two cameras record: a large
 * one with sound and a quiet one whose 20 kbit/s fill no buffer by themselves.
 * `CRASH_ROUNDS` and `CRASH_SEED` make it longer and different: 20 rounds by hand, 8 with all tests.
 */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { ClipFolder, complaints } from '../fixtures/fmp4-clips.ts';
import { readIndex, strayFiles, wrongSizes } from '../fixtures/footage-tree.ts';
import {
  addCameras,
  askForExport,
  cameraOf,
  rangesOf,
  recordingsOf,
  untilEnded,
  untilRecorded,
} from '../fixtures/household.ts';
import { ffmpegsOf, type RunningProcess, stillRunning } from '../fixtures/process-table.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { openFile } from '../fixtures/sealed-file.ts';

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 8);
const SEED = Number(process.env.CRASH_SEED ?? 1);

/** The last GOP (2 s) and a second: what SIGKILL may cost. */
const LOSS_MAX_MS = 3_000;

/** How long after a start, or after both cameras are there, the server is killed at the latest. */
const STARTING_MS = 1_500;
const RECORDING_MS = 5_000;

/** The kernel ends ffmpeg with its parent; looking takes a moment. */
const FFMPEG_GONE_MS = 2_000;

/** Fine enough to choose moments. */
const RANDOM_STEPS = 2 ** 32;

const clock = new SystemClock();

/** What was known of a camera when the server died. */
interface Before {
  readonly killedMs: number;
  /** Wall clock at which it was seen online first; undefined when it was not. */
  readonly onlineMs: number | undefined;
}

describe.skipIf(!gstAvailable)('the server is killed', () => {
  let gst: GstRtspServer;
  let server: DoorkeepServer;
  let folder: ClipFolder;
  const cameras: string[] = [];
  const below = randomFrom(SEED);
  /** In [0, 1). */
  const random = (): number => below(RANDOM_STEPS) / RANDOM_STEPS;
  const decoded = new Set<string>();
  const losses: number[] = [];

  beforeAll(async () => {
    const mounts = [
      { path: '/large', file: await makeClip({ ...CLIPS.camera, sound: 'aac', seconds: 16 }) },
      { path: '/quiet', file: await makeClip(CLIPS.quiet) },
    ];
    gst = await startGstRtspServer({ mounts });
    folder = await ClipFolder.create();
    server = await DoorkeepServer.start();
    await server.setUp();
    const added = mounts.map(({ path }) => ({
      ...{ name: path, sound: true },
      source: { type: 'rtsp' as const, url: gst.url(path) },
    }));
    await addCameras(server, added, ({ id }) => cameras.push(id));
    for (const camera of cameras) await untilRecorded(server, camera, 2);
  });

  afterAll(async () => {
    await server.dispose();
    await gst.stop();
    await folder.remove();
  });

  async function seenOnline(): Promise<number> {
    await until(
      async () => {
        const states = await Promise.all(cameras.map((id) => cameraOf(server, id)));
        return states.every(({ state }) => state === 'online');
      },
      { withinMs: 15_000, what: 'both cameras online' },
    );
    return clock.wallMs();
  }

  /** Kills it while it starts (one round in four) or while it records, and starts it again. */
  async function killOnce(): Promise<{ before: Before; ffmpegs: RunningProcess[] }> {
    const whileStarting = random() < 0.25;
    const onlineMs = whileStarting ? undefined : await seenOnline();
    // Copying while it is killed: a job must survive too.
    if (!whileStarting) await askForExport(server, cameras[0]!, await lastSeconds());
    await clock.sleep(random() * (whileStarting ? STARTING_MS : RECORDING_MS));
    const ffmpegs = ffmpegsOf(server.pid);
    const killedMs = clock.wallMs();
    await server.stop('SIGKILL');
    return { before: { killedMs, onlineMs }, ffmpegs };
  }

  async function lastSeconds(): Promise<{ fromMs: number; toMs: number }> {
    const { toMs } = (await rangesOf(server, cameras[0]!)).at(-1)!;
    return { fromMs: toMs - 60_000, toMs };
  }

  async function expectLittleLost(camera: string, { killedMs, onlineMs }: Before): Promise<void> {
    if (onlineMs === undefined) return;
    const ends = (await rangesOf(server, camera)).map(({ toMs }) => toMs);
    const end = Math.max(...ends.filter((toMs) => toMs <= killedMs));
    const lossMs = killedMs - Math.max(end, onlineMs);
    if (end >= onlineMs) losses.push(lossMs);
    expect([camera, lossMs <= LOSS_MAX_MS]).toEqual([camera, true]);
  }

  /** Ranges and gaps take turns, without overlap, and each gap says why. */
  async function expectTrueTimeline(camera: string, nowMs: number): Promise<void> {
    const { ranges, gaps } = await recordingsOf(server, camera);
    const stretches = [...ranges, ...gaps]
      .map(({ from, to }) => [Date.parse(from), to === null ? Infinity : Date.parse(to)] as const)
      .sort(([a], [b]) => a - b);
    for (const [index, [from, to]] of stretches.entries()) {
      expect(to).toBeGreaterThan(from);
      expect(from).toBe(stretches[index - 1]?.[1] ?? from);
    }
    expect(stretches.filter(([from]) => from > nowMs)).toEqual([]);
    expect(new Set(gaps.map((gap) => gap.reason))).toEqual(new Set(['server-crashed']));
  }

  async function expectWholeFiles(): Promise<void> {
    // What was torn gets its end when somebody has unlocked, which signing in does.
    const torn = (): boolean =>
      readIndex(server.dataPath).segments.some((one) => one.closed && existsSync(one.tailPath));
    await until(() => !torn(), { withinMs: 5_000, what: 'an end for each file' });
    const { segments, runs } = readIndex(server.dataPath);
    // A camera writes one segment of one run at a time.
    const going = runs.filter(({ endReason }) => endReason === null).map((run) => run.cameraId);
    const open = segments.filter(({ closed }) => !closed).map((segment) => segment.cameraId);
    expect(going).toEqual([...new Set(going)]);
    expect(open).toEqual([...new Set(open)]);
    expect(wrongSizes(segments)).toEqual([]);
    for (const { path, closed, sizeBytes } of segments) {
      // A closed file never changes: once is enough.
      if (!closed || decoded.has(path)) continue;
      const file = await openFile(readFileSync(path), server.recoveryKey);
      expect([path, file.sizeBytes]).toEqual([path, sizeBytes]);
      const opened = await folder.write('opened.mp4', await file.read(0, sizeBytes));
      expect([path, await complaints(opened)]).toEqual([path, '']);
      decoded.add(path);
    }
  }

  it(
    `${String(ROUNDS)} times, and nothing but the last GOP is lost`,
    { timeout: ROUNDS * 20_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { before, ffmpegs } = await killOnce();
        await until(() => stillRunning(ffmpegs).length === 0, {
          ...{ withinMs: FFMPEG_GONE_MS, what: `ffmpeg gone in round ${String(round)}` },
        });
        const { dataPath, recoveryKey } = server;
        server = await DoorkeepServer.start({ dataPath });
        server.recoveryKey = recoveryKey;
        await server.signIn();
        for (const camera of cameras) {
          await expectLittleLost(camera, before);
          await expectTrueTimeline(camera, clock.wallMs());
        }
        await expectWholeFiles();
        expect(strayFiles(server.dataPath).filter((path) => !path.endsWith('.age.part'))).toEqual(
          [],
        );
      }
      process.stdout.write(
        `${String(ROUNDS)} kills, seed ${String(SEED)}; of ${String(losses.length)} recordings at most ` +
          `${String(Math.max(...losses))} ms lost, ${String(decoded.size)} files decoded\n`,
      );
      expect(losses.length).toBeGreaterThan(ROUNDS / 4);
    },
  );

  it('and its exports are finished in the end', async () => {
    const { exports } = (await server.api<{ exports: { id: string }[] }>('GET', '/api/exports'))
      .body;
    expect(exports.length).toBeGreaterThan(0);
    for (const { id } of exports) expect((await untilEnded(server, id)).state).toBe('done');
    expect(strayFiles(server.dataPath)).toEqual([]);
    expect(await server.stop()).toBe(0);
    expect(strayFiles(server.dataPath)).toEqual([]);
  });
});
