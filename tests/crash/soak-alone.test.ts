/**
 * Two cameras record for a while: memory, open files and threads of the server stay what they were, and index
 * and footage agree at the end. A few seconds with all tests, as many minutes as are wanted by hand
 * (`npm run torture -- soak --rounds MINUTES`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { addCameras, rangesOf, untilRecorded } from '../fixtures/household.ts';
import { fsckFindings } from '../fixtures/run-doorkeep.ts';

const MINUTES = Number(process.env.TORTURE_ROUNDS ?? 0);
const LENGTH_MS = MINUTES === 0 ? 8_000 : MINUTES * 60_000;

/** What a server takes once, in its first seconds of recording: code that is compiled, buffers. */
const WARM_UP_MS = MINUTES === 0 ? 3_000 : 60_000;
const LOOKS = 40;

/** Between the beginning and the end, by the middle of ten looks each. A leak of one open file for each part
 * is 8 in the short form; V8 gives memory back when it likes, so a short look at it allows more. */
const MORE_HANDLES = 3;
const MORE_BYTES = (MINUTES === 0 ? 40 : 25) * 1024 * 1024;

const clock = new SystemClock();

interface Look {
  readonly residentBytes: number;
  readonly handles: number;
  readonly threads: number;
}

function lookAt(pid: number): Look {
  const of = (name: string): string => `/proc/${String(pid)}/${name}`;
  const status = readFileSync(of('status'), 'latin1');
  return {
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024,
    handles: readdirSync(of('fd')).length,
    threads: readdirSync(of('task')).length,
  };
}

/** How much more there is at the end than at the beginning. */
function growth(looks: readonly Look[], read: (look: Look) => number): number {
  const middle = (some: readonly Look[]): number =>
    some.map(read).sort((a, b) => a - b)[some.length >> 1]!;
  return middle(looks.slice(-10)) - middle(looks.slice(0, 10));
}

it('what grows is noticed', () => {
  const looks = Array.from({ length: LOOKS }, (_, index) => ({
    ...{ residentBytes: index * 4e6, handles: 20 + Math.floor(index / 5), threads: 11 },
  }));
  expect(growth(looks, (look) => look.handles)).toBeGreaterThan(MORE_HANDLES);
  expect(growth(looks, (look) => look.residentBytes)).toBeGreaterThan(MORE_BYTES);
  expect(growth(looks, (look) => look.threads)).toBe(0);
});

describe.skipIf(!gstAvailable)('a server that records', () => {
  let gst: GstRtspServer;
  let server: DoorkeepServer;
  const cameras: string[] = [];

  beforeAll(async () => {
    const mounts = [
      {
        path: '/large',
        file: await makeClip({ ...CLIPS.camera, picture: 'numbered', sound: 'aac', seconds: 16 }),
      },
      { path: '/quiet', file: await makeClip(CLIPS.numberedQuiet) },
    ];
    gst = await startGstRtspServer({ mounts });
    server = await DoorkeepServer.start({ outputMaxChars: 100_000 });
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
  });

  it(
    'holds no more at the end than at the beginning',
    { timeout: LENGTH_MS + 180_000 },
    async () => {
      await clock.sleep(WARM_UP_MS);
      const fromMs = clock.wallMs();
      const looks: Look[] = [];
      for (let look = 0; look < LOOKS; look += 1) {
        looks.push(lookAt(server.pid));
        await clock.sleep(LENGTH_MS / LOOKS);
      }
      const toMs = clock.wallMs();
      const grown = {
        handles: growth(looks, (look) => look.handles),
        threads: growth(looks, (look) => look.threads),
        residentBytes: growth(looks, (look) => look.residentBytes),
      };
      const last = looks.at(-1)!;
      process.stdout.write(
        `${String(Math.round(LENGTH_MS / 1_000))} s: ${String(Math.round(last.residentBytes / 2 ** 20))} MB ` +
          `(${String(Math.round(grown.residentBytes / 2 ** 20))} more), ${String(last.handles)} handles ` +
          `(${String(grown.handles)} more), ${String(last.threads)} threads (${String(grown.threads)} more)\n`,
      );
      expect(grown.handles).toBeLessThanOrEqual(MORE_HANDLES);
      expect(grown.threads).toBeLessThanOrEqual(MORE_HANDLES);
      expect(grown.residentBytes).toBeLessThanOrEqual(MORE_BYTES);
      for (const camera of cameras) {
        // All of it in one stretch, up to the part that is being filled.
        const range = (await rangesOf(server, camera)).find((one) => one.fromMs <= fromMs);
        expect(range?.toMs).toBeGreaterThan(toMs - 5_000);
      }
      expect(await fsckFindings(server.dataPath)).toEqual([]);
      expect(await server.stop()).toBe(0);
      expect(await fsckFindings(server.dataPath)).toEqual([]);
    },
  );
});
