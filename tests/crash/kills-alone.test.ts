/**
 * SIGKILL at random moments, again and again, while two cameras record: one of 3 Mbit/s with sound, and a
 * quiet one whose 20 kbit/s fill no buffer by themselves. It hits the whole server, the key process of an
 * unlocked session, or one of the two ffmpegs. Frames carry their numbers: what the index counts is all there.
 * `TORTURE_ROUNDS` and `TORTURE_SEED` make it longer and different (`npm run torture -- crash`).
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip, watchNumbers } from '../fixtures/clips.ts';
import { ClipFolder } from '../fixtures/fmp4-clips.ts';
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
import {
  childrenOf,
  ffmpegsOf,
  type RunningProcess,
  stillRunning,
} from '../fixtures/process-table.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { fsckFindings } from '../fixtures/run-doorkeep.ts';
import { openFile } from '../fixtures/sealed-file.ts';

const ROUNDS = Number(process.env.TORTURE_ROUNDS ?? 8);
const SEED = Number(process.env.TORTURE_SEED ?? 1);

/** Who dies, in four rounds; the seed says in which order. */
const VICTIMS = ['server', 'server', 'key process', 'ffmpeg'] as const;
type Victim = (typeof VICTIMS)[number];

/** The last GOP (2 s) and a second: what SIGKILL may cost. */
const LOSS_MAX_MS = 3_000;

/** How long after a start, or after both cameras are there, somebody is killed at the latest. */
const STARTING_MS = 1_500;
const RECORDING_MS = 5_000;

/** The kernel ends ffmpeg with its parent; looking takes a moment. */
const FFMPEG_GONE_MS = 2_000;

/** A new connection, and the way to its first whole part. */
const BACK_WITHIN_MS = 20_000;

/** Where a killed ffmpeg's camera stops, as far as the clock of its labels is that of the kill. */
const NEAR_MS = 1_000;

/** What the index says of a connection whose ffmpeg is gone. */
const FFMPEG_KILLED = 'internal';

/** Fine enough to choose moments. */
const RANDOM_STEPS = 2 ** 32;

/** What the cameras send, per second of footage: the claim is made for these two. */
const LARGE_MIN_BYTES = 2_500_000 / 8;
const QUIET_MAX_BYTES = 30_000 / 8;

const clock = new SystemClock();

/** What was known when somebody died. */
interface Before {
  readonly victim: Victim;
  readonly killedMs: number;
  /** Wall clock at which both cameras were seen online first; undefined when they were not. */
  readonly onlineMs: number | undefined;
  /** Wall clock at which a camera's footage was last written, by camera; where the server died. */
  readonly writtenMs?: ReadonlyMap<string, number>;
}

/** What is lost and why, by camera and victim. */
interface Loss {
  readonly victim: Victim;
  readonly camera: string;
  readonly ms: number;
  /** What it was made of: before the kill, how long both had been online, and when this one was last
   * written. */
  readonly onlineForMs: number;
  readonly writtenBeforeMs: number | undefined;
}

const CLIP = { sound: 'aac', seconds: 16 } as const;
const MOUNTS = [
  { path: '/large', spec: { ...CLIPS.camera, ...CLIP, picture: 'numbered' } },
  { path: '/quiet', spec: CLIPS.numberedQuiet },
] as const;

/** Both clips begin again after so many frames. */
const FRAMES = CLIPS.camera.fps * CLIP.seconds;

describe.skipIf(!gstAvailable)('somebody is killed', () => {
  let gst: GstRtspServer;
  let server: DoorkeepServer;
  let folder: ClipFolder;
  const cameras: string[] = [];
  const nameOf = new Map<string, string>();
  const below = randomFrom(SEED);
  /** In [0, 1). */
  const random = (): number => below(RANDOM_STEPS) / RANDOM_STEPS;
  /** Numbers of the frames in each file that was decoded. */
  const decoded = new Map<string, readonly number[]>();
  const losses: Loss[] = [];
  const tooMuch: Loss[] = [];
  const awayMs: number[] = [];

  beforeAll(async () => {
    const mounts = await Promise.all(
      MOUNTS.map(async ({ path, spec }) => ({ path, file: await makeClip(spec) })),
    );
    gst = await startGstRtspServer({ mounts });
    folder = await ClipFolder.create();
    server = await DoorkeepServer.start();
    await server.setUp();
    const added = mounts.map(({ path }) => ({
      ...{ name: path, sound: true },
      source: { type: 'rtsp' as const, url: gst.url(path) },
    }));
    await addCameras(server, added, ({ id, name }) => {
      cameras.push(id);
      nameOf.set(id, name);
    });
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

  /** Four rounds have each victim as often as `VICTIMS` says. */
  function* victims(): Generator<Victim, never> {
    for (;;) {
      const deck = [...VICTIMS];
      while (deck.length > 0) yield* deck.splice(below(deck.length), 1);
    }
  }

  /** Kills the server while it starts (one time in four) or while it records, and starts it again. */
  async function killServer(): Promise<Before> {
    const whileStarting = random() < 0.25;
    const onlineMs = whileStarting ? undefined : await seenOnline();
    // Copying while it is killed: a job must survive too.
    if (!whileStarting) await askForExport(server, cameras[0]!, await lastSeconds());
    await clock.sleep(random() * (whileStarting ? STARTING_MS : RECORDING_MS));
    const ffmpegs = ffmpegsOf(server.pid);
    const killedMs = clock.wallMs();
    await server.stop('SIGKILL');
    await untilGone(ffmpegs);
    const { dataPath, recoveryKey } = server;
    const writtenMs = lastWritten(dataPath);
    server = await DoorkeepServer.start({ dataPath });
    server.recoveryKey = recoveryKey;
    await server.signIn();
    return { victim: 'server', killedMs, onlineMs, writtenMs };
  }

  /** Before a start changes anything. */
  function lastWritten(dataPath: string): Map<string, number> {
    const newest = new Map<string, number>();
    // What fills no chunk yet is in the tail.
    for (const { cameraId, path, tailPath } of readIndex(dataPath).segments) {
      for (const file of [path, tailPath].filter((name) => existsSync(name))) {
        newest.set(cameraId, Math.max(newest.get(cameraId) ?? 0, statSync(file).mtimeMs));
      }
    }
    return newest;
  }

  /** Kills one of the server's children while both cameras record, and waits until both do so again. */
  async function killChild(victim: Exclude<Victim, 'server'>): Promise<Before> {
    const onlineMs = await seenOnline();
    await clock.sleep(random() * RECORDING_MS);
    const isKeys = ({ argv }: RunningProcess): boolean =>
      argv.some((word) => word.endsWith('key-worker.js'));
    const candidates =
      victim === 'ffmpeg' ? ffmpegsOf(server.pid) : childrenOf(server.pid).filter(isKeys);
    expect(candidates).toHaveLength(victim === 'ffmpeg' ? cameras.length : 1);
    const chosen = candidates[below(candidates.length)]!;
    const killedMs = clock.wallMs();
    process.kill(chosen.pid, 'SIGKILL');
    await untilGone([chosen]);
    if (victim === 'key process') {
      await until(isLocked, { withinMs: FFMPEG_GONE_MS, what: 'a locked session' });
    }
    for (const camera of cameras) {
      const isPast = async (): Promise<boolean> =>
        (await rangesOf(server, camera)).some(({ toMs }) => toMs > killedMs + NEAR_MS);
      await until(isPast, { withinMs: BACK_WITHIN_MS, what: `${victim}: ${camera} again` });
    }
    await server.signIn();
    return { victim, killedMs, onlineMs };
  }

  async function isLocked(): Promise<boolean> {
    return (await server.api<{ locked: boolean }>('GET', '/api/session')).body.locked;
  }

  async function untilGone(processes: readonly RunningProcess[]): Promise<void> {
    await until(() => stillRunning(processes).length === 0, {
      ...{ withinMs: FFMPEG_GONE_MS, what: 'the end of what was killed' },
    });
  }

  async function lastSeconds(): Promise<{ fromMs: number; toMs: number }> {
    const { toMs } = (await rangesOf(server, cameras[0]!)).at(-1)!;
    return { fromMs: toMs - 60_000, toMs };
  }

  /** How much of a camera is missing before the kill; answers whether it stopped there. */
  async function expectLittleLost(
    camera: string,
    { victim, killedMs, onlineMs, writtenMs }: Before,
  ): Promise<boolean> {
    if (onlineMs === undefined) return false;
    const ranges = await rangesOf(server, camera);
    const goesOn = ranges.some(
      ({ fromMs, toMs }) => fromMs <= killedMs && toMs > killedMs + NEAR_MS,
    );
    const end = Math.max(...ranges.map(({ toMs }) => toMs).filter((toMs) => toMs <= killedMs));
    const ms = goesOn ? 0 : Math.max(0, killedMs - Math.max(end, onlineMs));
    const wroteMs = writtenMs?.get(camera);
    const loss: Loss = {
      ...{ victim, camera: nameOf.get(camera)!, ms, onlineForMs: killedMs - onlineMs },
      writtenBeforeMs: wroteMs === undefined ? undefined : Math.round(killedMs - wroteMs),
    };
    if (goesOn || end >= onlineMs) losses.push(loss);
    if (ms > LOSS_MAX_MS) tooMuch.push(loss);
    return !goesOn;
  }

  /** Without the key process nobody stops; without an ffmpeg its camera, and no other. */
  async function expectOthersGoOn({ victim, killedMs }: Before, stopped: string[]): Promise<void> {
    if (victim === 'server') return;
    expect([victim, stopped.length]).toEqual([victim, victim === 'ffmpeg' ? 1 : 0]);
    for (const camera of stopped) {
      const { gaps } = await recordingsOf(server, camera);
      const [gap] = gaps.filter(({ to }) => to !== null && Date.parse(to) > killedMs);
      awayMs.push(Date.parse(gap!.to!) - Date.parse(gap!.from));
    }
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
    const known = ['server-crashed', FFMPEG_KILLED];
    expect(gaps.map((gap) => gap.reason).filter((reason) => !known.includes(reason))).toEqual([]);
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
      const { numbers, complaints } = await watchNumbers(opened);
      expect([path, complaints]).toEqual([path, '']);
      expect([path, numbers.length > 0]).toEqual([path, true]);
      decoded.set(path, numbers);
    }
  }

  /** Within a run no frame is missing and none is there twice. */
  function expectEveryFrame(): void {
    const ofRuns = new Map<string, number[]>();
    for (const { path } of readIndex(server.dataPath).segments) {
      const run = dirname(path);
      const numbers = ofRuns.get(run) ?? [];
      ofRuns.set(run, numbers);
      numbers.push(...(decoded.get(path) ?? []));
    }
    const jumps = [...ofRuns].flatMap(([run, numbers]) =>
      numbers
        .map((number, index) => [run, numbers[index - 1] ?? number - 1, number] as const)
        .filter(([, before, number]) => (before + 1 + FRAMES) % FRAMES !== number),
    );
    expect(jumps).toEqual([]);
  }

  /** Bytes a second of a camera's footage. */
  function rateOf(camera: string): number {
    const files = readIndex(server.dataPath).segments.filter(
      ({ cameraId, path }) => cameraId === camera && decoded.has(path),
    );
    const bytes = files.reduce((sum, { path }) => sum + statSync(path).size, 0);
    const frames = files.reduce((sum, { path }) => sum + decoded.get(path)!.length, 0);
    return bytes / (frames / CLIPS.camera.fps);
  }

  function say(): void {
    const worst = (victim: Victim): string => {
      const all = losses.filter((loss) => loss.victim === victim).sort((a, b) => a.ms - b.ms);
      const at = (share: number): string => String(all[Math.floor(share * (all.length - 1))]?.ms);
      const most = JSON.stringify(all.at(-1));
      return `${victim}: ${String(all.length)} recordings, half ≤ ${at(0.5)} ms, 95 % ≤ ${at(0.95)} ms lost, at most ${most}`;
    };
    const lines = [
      `${String(ROUNDS)} kills, seed ${String(SEED)}, ${String(decoded.size)} files decoded`,
      ...[...new Set(VICTIMS)].map(worst),
      `camera of a killed ffmpeg away for at most ${String(Math.max(...awayMs))} ms`,
      ...cameras.map((id) => `${nameOf.get(id)!}: ${String(Math.round(rateOf(id) / 125))} kbit/s`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }

  it(
    `${String(ROUNDS)} times, and nothing but the last GOP is lost`,
    { timeout: ROUNDS * 30_000 },
    async () => {
      const next = victims();
      for (let round = 0; round < ROUNDS; round += 1) {
        const victim = next.next().value;
        const before = await (victim === 'server' ? killServer() : killChild(victim));
        const stopped: string[] = [];
        for (const camera of cameras) {
          if (await expectLittleLost(camera, before)) stopped.push(camera);
          await expectTrueTimeline(camera, clock.wallMs());
        }
        await expectOthersGoOn(before, stopped);
        await expectWholeFiles();
        expectEveryFrame();
        expect([round, await fsckFindings(server.dataPath)]).toEqual([round, []]);
        expect(strayFiles(server.dataPath).filter((path) => !path.endsWith('.age.part'))).toEqual(
          [],
        );
      }
      say();
      expect(tooMuch).toEqual([]);
      expect(losses.length).toBeGreaterThan(ROUNDS / 2);
      expect(rateOf(cameras.find((id) => nameOf.get(id) === '/large')!)).toBeGreaterThan(
        LARGE_MIN_BYTES,
      );
      expect(rateOf(cameras.find((id) => nameOf.get(id) === '/quiet')!)).toBeLessThan(
        QUIET_MAX_BYTES,
      );
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
