/**
 * `npm run bench -- ingest --json`: four 1080p15 cameras of 3 Mbit/s, played by GStreamer, recorded
 * by Doorkeep and, in the same minute from the same sources, by a bare
 * `ffmpeg -c copy -f segment` each. Both are counted with all their processes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import { startGstRtspServer } from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { usageOf, type Usage } from './process-usage.ts';

const CAMERAS = 4;
const MEASURE_SECONDS = 60;
/** Until connections, first fragments and the optimising compiler have settled. */
const SETTLE_MS = 20_000;

const clock = new SystemClock();

/** CPU in percent of one core per camera, memory in MB for all cameras
 * (proportional set size: shared pages once). */
interface Measured {
  cpuPercentPerCamera: number;
  memoryMb: number;
  processes: number;
}

interface Round {
  sound: boolean;
  doorkeep: Measured;
  bareFfmpeg: Measured;
  cpuRatio: number;
  lostFrames: number;
  lostPackets: number;
  gaps: number;
  recordedSecondsPerCamera: number;
}

/** What the command prints. */
export async function run(): Promise<object> {
  const rounds = [await measureRound(false), await measureRound(true)];
  const memoryLimitMb = 200 + 40 * CAMERAS;
  return {
    bench: 'ingest',
    cameras: CAMERAS,
    seconds: MEASURE_SECONDS,
    budgets: { cpuPercentPerCamera: 1.0, cpuRatio: 3, memoryMb: memoryLimitMb, lostFrames: 0 },
    rounds,
    held: rounds.every(
      (round) =>
        round.doorkeep.cpuPercentPerCamera <= 1.0 &&
        round.cpuRatio <= 3 &&
        round.doorkeep.memoryMb <= memoryLimitMb &&
        round.lostFrames + round.lostPackets + round.gaps === 0,
    ),
  };
}

async function measureRound(sound: boolean): Promise<Round> {
  const file = await makeClip({ ...CLIPS.camera, sound: sound ? 'aac' : 'none' });
  const mounts = Array.from({ length: CAMERAS }, (_, index) => ({
    path: `/camera${String(index)}`,
    file,
  }));
  const source = await startGstRtspServer({ mounts });
  const folder = await mkdtemp(join(tmpdir(), 'doorkeep-bench-'));
  const doorkeep = await DoorkeepServer.start();
  const urls = mounts.map((mount) => source.url(mount.path));
  let bare: ChildProcess[] = [];
  try {
    await doorkeep.setUp();
    for (const [index, url] of urls.entries()) {
      const body = { name: `Camera ${String(index)}`, source: { type: 'rtsp', url }, sound };
      const answer = await doorkeep.api('POST', '/api/cameras', body);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    }
    bare = urls.map((url, index) => startBareFfmpeg(url, folder, index, sound));
    await allOnline(doorkeep);
    await clock.sleep(SETTLE_MS);
    return { sound, ...(await measure(doorkeep, bare)) };
  } finally {
    for (const child of bare) child.kill('SIGKILL');
    await doorkeep.dispose();
    await source.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  doorkeep: DoorkeepServer,
  bare: readonly ChildProcess[],
): Promise<Omit<Round, 'sound'>> {
  const barePids = bare.map((child) => child.pid ?? 0);
  const startedMs = clock.monotonicMs();
  const before = [usageOf([doorkeep.pid]), usageOf(barePids)] as const;
  await clock.sleep(MEASURE_SECONDS * 1000);
  const after = [usageOf([doorkeep.pid]), usageOf(barePids)] as const;
  const seconds = (clock.monotonicMs() - startedMs) / 1000;
  const doorkeepMeasured = difference(before[0], after[0], seconds);
  const bareMeasured = difference(before[1], after[1], seconds);
  const metrics = (await doorkeep.api<string>('GET', '/api/metrics')).body;
  const recordings = await recordedOf(doorkeep);
  return {
    doorkeep: doorkeepMeasured,
    bareFfmpeg: bareMeasured,
    cpuRatio: round(doorkeepMeasured.cpuPercentPerCamera / bareMeasured.cpuPercentPerCamera),
    lostFrames: sumOf(metrics, 'doorkeep_recorder_lost_frames_total'),
    lostPackets: sumOf(metrics, 'doorkeep_ingest_lost_packets_total'),
    ...recordings,
  };
}

function startBareFfmpeg(url: string, folder: string, index: number, sound: boolean): ChildProcess {
  const child = spawn(
    process.env.DOORKEEP_FFMPEG ?? 'ffmpeg',
    [
      ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-rtsp_transport', 'tcp'],
      ...(sound ? [] : ['-allowed_media_types', 'video']),
      ...['-i', url, '-c', 'copy', '-f', 'segment', '-segment_time', '10'],
      join(folder, `bare${String(index)}-%03d.mp4`),
    ],
    { stdio: 'ignore' },
  );
  child.on('error', (error) => {
    throw error;
  });
  return child;
}

async function allOnline(doorkeep: DoorkeepServer): Promise<void> {
  await until(
    async () => {
      const { body } = await doorkeep.api<{ cameras: { state: string }[] }>('GET', '/api/cameras');
      return body.cameras.every((camera) => camera.state === 'online');
    },
    { withinMs: 30_000, what: 'all cameras online' },
  );
}

async function recordedOf(
  doorkeep: DoorkeepServer,
): Promise<{ gaps: number; recordedSecondsPerCamera: number }> {
  const { body } = await doorkeep.api<{ cameras: { id: string; createdAt: string }[] }>(
    'GET',
    '/api/cameras',
  );
  let gaps = 0;
  let recordedMs = 0;
  for (const camera of body.cameras) {
    const query = new URLSearchParams({
      camera: camera.id,
      from: camera.createdAt,
      to: new Date(clock.wallMs()).toISOString(),
    });
    const answer = await doorkeep.api<{
      ranges: { from: string; to: string }[];
      gaps: unknown[];
    }>('GET', `/api/recordings?${query.toString()}`);
    gaps += answer.body.gaps.length + answer.body.ranges.length - 1;
    for (const { from, to } of answer.body.ranges) recordedMs += Date.parse(to) - Date.parse(from);
  }
  return { gaps, recordedSecondsPerCamera: round(recordedMs / 1000 / body.cameras.length) };
}

function difference(before: Usage, after: Usage, seconds: number): Measured {
  const cpu = after.cpuSeconds - before.cpuSeconds;
  return {
    cpuPercentPerCamera: round((cpu * 100) / seconds / CAMERAS),
    memoryMb: Math.round(after.pssBytes / 1e6),
    processes: after.processes,
  };
}

/** Sum of a metric over its labels, from Prometheus text. */
function sumOf(metrics: string, name: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
