/**
 * How much of the past stays in the server's memory (guarantee G4): windows of what a camera sent before it
 * showed something else, after it was recorded, after it was played, and after somebody locked. Alone, because it
 * reads all the memory of a process. Results: docs/threat-model.md.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { WindowSearch, windowsOf } from '../fixtures/byte-windows.ts';
import { CLIPS, uniqueClip } from '../fixtures/clips.ts';
import { addCamera, untilRecorded } from '../fixtures/household.ts';
import { readMemory } from '../fixtures/process-memory.ts';

const WINDOWS = 10_000;

/** Of 2 Mbit/s: 4 MB, of which the live buffers hold the last second. */
const CLIP = { ...CLIPS.small, picture: 'moving', gopSeconds: 1, bitrateKbps: 2_000 } as const;
const CLIP_SECONDS = 16;

/** Behind these the live buffers hold what came after; nothing waits for a disk that is not slow. */
const AFTERWARDS_MS = 8_000;

/** Hundreds of megabytes are read five times, at every offset. */
const WITHIN_MS = 240_000;

/** The first frame brings its encoder's name along. */
const SHARED_BYTES = 4_096;

const clock = new SystemClock();

describe.skipIf(process.platform !== 'linux')('pictures in the memory of the server', () => {
  const measured: Record<string, number> = {};
  let folder: string;
  let device: RtspCamera;
  let server: DoorkeepServer;
  let id: string;
  let past: Buffer[];
  let present: Buffer[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doorkeep-pictures-'));
    const [before, after] = [
      await uniqueClip({ ...CLIP, seconds: CLIP_SECONDS }, folder),
      await uniqueClip({ ...CLIP, seconds: 4 }, folder),
    ];
    past = windowsOf(mediaBytes(readFileSync(before)), WINDOWS);
    present = windowsOf(mediaBytes(readFileSync(after)), WINDOWS);
    const streams = { '/main': await loadClip(before) };
    [device, server] = await Promise.all([RtspCamera.start({ streams }), DoorkeepServer.start()]);
    await server.setUp();
    const source = { type: 'rtsp', url: device.url('/main') } as const;
    ({ id } = await addCamera(server, { name: 'Door', source, sound: false }));
    await untilRecorded(server, id, CLIP_SECONDS);
    device.switchClip('/main', await loadClip(after));
    await clock.sleep(AFTERWARDS_MS);
  });

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify(measured, null, 1)}\n`);
    await server.dispose();
    await device.close();
    rmSync(folder, { recursive: true });
  });

  /** How many of the windows are there at least once. */
  function inMemory(step: string, windows: readonly Buffer[]): number {
    const [search, found] = [new WindowSearch(windows), new Set<Buffer>()];
    readMemory(server.pid, (bytes) => search.countIn(bytes, found));
    measured[step] = found.size;
    return found.size;
  }

  async function playEverything(): Promise<void> {
    const range = await untilRecorded(server, id, CLIP_SECONDS);
    const [from, to] = [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString());
    const list = await server.api<string>(
      'GET',
      `/api/playback/${id}.m3u8?from=${from!}&to=${to!}`,
    );
    for (const name of new Set(list.body.match(/^[^#\s]+\.mp4$/gm))) {
      const answer = await server.fetch('GET', `/api/playback/${name}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(new WindowSearch(past).countIn(bytes)).toBeGreaterThan(WINDOWS / 2);
    }
  }

  it(
    'are counted: the present ones are there; how many of the past are is printed',
    async () => {
      // What is shown now is there, or nothing is being searched.
      expect(inMemory('present', present)).toBeGreaterThan(WINDOWS / 10);
      inMemory('past, recorded', past);
      await playEverything();
      inMemory('past, played', past);
      expect((await server.api('POST', '/api/lock')).status).toBe(204);
      inMemory('past, locked', past);
      await clock.sleep(AFTERWARDS_MS);
      inMemory('past, locked 8 s ago', past);
    },
    WITHIN_MS,
  );
});

/** The content of `mdat`: a camera sends it as it is. */
function mediaBytes(file: Buffer): Buffer {
  const at = file.indexOf('mdat');
  return file.subarray(at + 4 + SHARED_BYTES, at + file.readUInt32BE(at - 4) - 4);
}
