/**
 * `npm run bench -- durable --json`: how old the newest picture on the disk gets while two cameras record, one of
 * 3 Mbit/s with sound and a quiet one, and an export is asked for every 8 s. What a SIGKILL would cost is at most that.
 */
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { startGstRtspServer } from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { addCameras, askForExport, rangesOf, untilRecorded } from '../fixtures/household.ts';
import { percentile } from './percentile.ts';

const MEASURE_MS = 120_000;
const ASK_EVERY_MS = 40;
const EXPORT_EVERY_MS = 8_000;

/** The last GOP (2 s) and a second: what SIGKILL may cost. */
const BUDGET_MS = 3_000;

const SOURCES = [
  { name: 'large', spec: { ...CLIPS.camera, sound: 'aac', seconds: 16, picture: 'numbered' } },
  { name: 'quiet', spec: CLIPS.numberedQuiet },
] as const;

const clock = new SystemClock();

/** What the command prints; `tests/bench/bench.ts` calls it. */
export async function run(): Promise<object> {
  const mounts = await Promise.all(
    SOURCES.map(async ({ name, spec }) => ({ path: `/${name}`, file: await makeClip(spec) })),
  );
  const gst = await startGstRtspServer({ mounts });
  const server = await DoorkeepServer.start();
  try {
    await server.setUp();
    const cameras = new Map<string, string>();
    const added = mounts.map(({ path }) => ({
      ...{ name: path, sound: true, source: { type: 'rtsp' as const, url: gst.url(path) } },
    }));
    await addCameras(server, added, ({ id, name }) => cameras.set(id, name.slice(1)));
    for (const id of cameras.keys()) await untilRecorded(server, id, 2);
    const rows = (await oldest(server, [...cameras.keys()])).map(([id, agesMs]) => ({
      ...{ camera: cameras.get(id), parts: agesMs.length, p50Ms: percentile(agesMs, 0.5) },
      ...{ p95Ms: percentile(agesMs, 0.95), maxMs: agesMs.at(-1) ?? NaN },
    }));
    const worstMs = Math.max(...rows.map(({ maxMs }) => maxMs));
    return {
      ...{ bench: 'durable', seconds: MEASURE_MS / 1_000, cameras: rows },
      ratios: { worstToBudget: worstMs / BUDGET_MS },
    };
  } finally {
    await server.dispose();
    await gst.stop();
  }
}

/** For each camera, how old its newest durable picture was each time that another part came. */
async function oldest(server: DoorkeepServer, cameras: readonly string[]) {
  const seen = new Map<string, { toMs: number; readonly agesMs: number[] }>();
  const endMs = clock.monotonicMs() + MEASURE_MS;
  let exportMs = clock.monotonicMs() + EXPORT_EVERY_MS;
  while (clock.monotonicMs() < endMs) {
    for (const id of cameras) {
      const toMs = (await rangesOf(server, id)).at(-1)?.toMs ?? 0;
      const last = seen.get(id);
      if (last === undefined) seen.set(id, { toMs, agesMs: [] });
      else if (toMs !== last.toMs) {
        last.agesMs.push(clock.wallMs() - last.toMs);
        last.toMs = toMs;
      }
      if (clock.monotonicMs() < exportMs) continue;
      exportMs += EXPORT_EVERY_MS;
      await askForExport(server, id, { fromMs: toMs - 60_000, toMs });
    }
    await clock.sleep(ASK_EVERY_MS);
  }
  return [...seen].map(([id, { agesMs }]) => [id, agesMs.sort((a, b) => a - b)] as const);
}
