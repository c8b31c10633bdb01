/**
 * Footage at rest, with the real server, a simulated camera and Debian's age: sealed to the household
 * while the box is locked and while it is not, opened by the sheet, ended after a crash.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { findWindows, windowsOf } from '../fixtures/byte-windows.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { ClipFolder } from '../fixtures/fmp4-clips.ts';
import { filesBelow, type IndexedSegment, readIndex } from '../fixtures/footage-tree.ts';
import { addCamera, rangesOf, untilRecorded } from '../fixtures/household.ts';
import { ffprobeAvailable, runFfprobe } from '../fixtures/test-ffmpeg.ts';

const ageAvailable = spawnSync('age', ['--version']).status === 0;

/** Moving, so that its bytes are not alike. */
const clip: ClipSpec = { ...CLIPS.small, picture: 'moving', gopSeconds: 1, seconds: 8 };

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const WINDOWS = 10_000;

describe.skipIf(!ageAvailable || !ffprobeAvailable)('footage at rest', () => {
  let server: DoorkeepServer;
  let device: RtspCamera;
  let folder: ClipFolder;
  let windows: Buffer[];
  let id: string;

  beforeAll(async () => {
    const path = await makeClip(clip);
    windows = windowsOf(mediaBytes(readFileSync(path)), WINDOWS);
    [folder, device, server] = await Promise.all([
      ClipFolder.create(),
      RtspCamera.start({ streams: { '/main': await loadClip(path) } }),
      DoorkeepServer.start(),
    ]);
    await server.setUp();
    const source = { type: 'rtsp', url: device.url('/main') } as const;
    ({ id } = await addCamera(server, { name: 'Door', source, sound: false }));
    await untilRecorded(server, id, 4);
  });

  afterAll(async () => {
    await server.dispose();
    await device.close();
    await folder.remove();
  });

  function segments(): IndexedSegment[] {
    return readIndex(server.dataPath).segments;
  }

  async function openedByAge(
    { path }: IndexedSegment,
    recoveryKey = server.recoveryKey,
  ): Promise<{ status: number | null; path: string; bytes: Buffer }> {
    const keyFile = join(folder.path, 'sheet.txt');
    writeFileSync(keyFile, `${recoveryKey}\n`, { mode: 0o600 });
    const options = { maxBuffer: MAX_OUTPUT_BYTES };
    const { status, stdout } = spawnSync('age', ['-d', '-i', keyFile, path], options);
    return { status, path: await folder.write('opened.mp4', stdout), bytes: stdout };
  }

  async function playback(): Promise<number> {
    const [range] = await rangesOf(server, id);
    const [from, to] = [range!.fromMs, range!.toMs].map((ms) => new Date(ms).toISOString());
    const list = await server.fetch('GET', `/api/playback/${id}.m3u8?from=${from}&to=${to}`);
    await list.arrayBuffer();
    return list.status;
  }

  async function frames(path: string): Promise<number> {
    const args = ['-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0'];
    return Number(await runFfprobe([...args, path]));
  }

  it('holds no byte of the camera, in any file of the data folder, while it records and plays', async () => {
    expect(await playback()).toBe(200);
    expect(findWindows(windows, filesBelow(server.dataPath))).toEqual({
      ...{ found: 0, where: undefined },
    });
    // The search finds what is there: the clip itself.
    const planted = await folder.write('planted.mp4', readFileSync(await makeClip(clip)));
    expect(findWindows(windows, [planted]).found).toBeGreaterThanOrEqual(WINDOWS);
  });

  it('goes on being recorded while it is locked, and answers 423', async () => {
    expect((await server.api('POST', '/api/lock')).status).toBe(204);
    expect((await server.api<{ locked: boolean }>('GET', '/api/session')).body.locked).toBe(true);
    expect(await playback()).toBe(423);
    const before = segments().at(-1)!.sizeBytes;
    await until(() => segments().at(-1)!.sizeBytes > before, {
      ...{ withinMs: 10_000, what: 'more footage' },
    });
    const wrong = await server.api('POST', '/api/unlock', { password: 'wrong' });
    expect(wrong.status).toBe(401);
    expect(await playback()).toBe(423);
    const { password } = OWNER;
    expect((await server.api('POST', '/api/unlock', { password })).status).toBe(204);
    expect(await playback()).toBe(200);
  });

  it('after a crash has a tail until somebody unlocks; age opens what is whole of it before', async () => {
    await server.stop('SIGKILL');
    const torn = segments().at(-1)!;
    expect(existsSync(torn.tailPath)).toBe(true);
    // Debian's age gives out every whole chunk of a torn file, and then says that it is torn.
    const before = await openedByAge(torn);
    expect(before.status).toBe(1);
    expect(before.bytes.length % 65_536).toBe(0);
    const { recoveryKey, dataPath } = server;
    server = await DoorkeepServer.start({ dataPath });
    server.recoveryKey = recoveryKey;
    await server.signIn();
    expect(await playback()).toBe(200);
    await until(() => !existsSync(torn.tailPath), {
      withinMs: 10_000,
      what: 'the end of the file',
    });
    const counted = segments().find(({ path }) => path === torn.path)!;
    const after = await openedByAge(counted);
    expect(after.status).toBe(0);
    expect(after.bytes.length).toBe(counted.sizeBytes);
    expect(await frames(after.path)).toBeGreaterThanOrEqual(3 * clip.fps);
    expect(findWindows(windows, filesBelow(server.dataPath)).found).toBe(0);
  });

  it('recorded after New key is not opened by the old sheet, and members open both', async () => {
    const before = segments().at(0)!;
    const { password } = OWNER;
    // It was started a moment ago: a range of its own must be there before ranges are counted.
    await until(() => existsSync(segments().at(-1)!.tailPath), {
      ...{ withinMs: 10_000, what: 'a recording that goes on' },
    });
    const rangesBefore = (await rangesOf(server, id)).length;
    const answer = await server.api<{ recoveryKey: string }>('POST', '/api/keys', { password });
    expect(answer.status).toBe(201);
    const [oldSheet, newSheet] = [server.recoveryKey, answer.body.recoveryKey];
    // The camera goes on; what comes from its next key frame on is in a file of the new key.
    const made = segments().at(-1)!;
    await until(() => segments().at(-1)!.path !== made.path, {
      ...{ withinMs: 5_000, what: 'a segment of the new key' },
    });
    await server.api('PATCH', `/api/cameras/${id}`, { enabled: false });
    const newest = segments().at(-1)!;
    await until(() => !existsSync(newest.tailPath), { withinMs: 5_000, what: 'its end' });
    expect(await rangesOf(server, id)).toHaveLength(rangesBefore);
    expect((await openedByAge(newest, oldSheet)).status).toBe(1);
    expect((await openedByAge(newest, newSheet)).status).toBe(0);
    expect((await openedByAge(before, oldSheet)).status).toBe(0);
    expect(await playback()).toBe(200);
  });
});

/** The content of `mdat`: a camera sends it as it is. */
function mediaBytes(file: Buffer): Buffer {
  const at = file.indexOf('mdat');
  return file.subarray(at + 4, at + file.readUInt32BE(at - 4) - 4);
}
