/**
 * The doorstep window in the real server, in this process, so that its port can be called as events will
 * call it: a moment is there for who is locked, on no disk, and gone with its camera and with the box.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../../server/app.ts';
import { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import type { AddedCamera, Camera } from '../../server/contract/camera.ts';
import type { DoorstepList } from '../../server/contract/doorstep.ts';
import type { Recordings } from '../../server/contract/recording.ts';
import { OWNER, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { findWindows, windowsOf } from '../fixtures/byte-windows.ts';
import { CLIPS, type ClipSpec, frameNumber, makeClip } from '../fixtures/clips.ts';
import { ClipFolder, complaints, frameTimes } from '../fixtures/fmp4-clips.ts';
import { filesBelow } from '../fixtures/footage-tree.ts';
import { ffmpegPath, runFfmpeg } from '../fixtures/test-ffmpeg.ts';

const clock = new SystemClock();

/** With sound; the frames have numbers. */
const clip: ClipSpec = { ...CLIPS.small, gopSeconds: 1, seconds: 20, sound: 'aac' };

let app: App;
let device: RtspCamera;
let dataPath: string;
let folder: ClipFolder;
let cookie = '';
let id: string;
let defects: unknown[];

async function start(): Promise<void> {
  defects = [];
  app = await startApp({
    config: { dataPath, host: '127.0.0.1', port: 0, ffmpegPath, version: '0.0.0' },
    ...{ clock, log: silentLog, print: () => undefined },
    onDefect: (error) => defects.push(error),
    onRestored: () => undefined,
  });
}

async function call(method: string, path: string, body?: object): Promise<Response> {
  const headers = { cookie, ...(body && { 'content-type': 'application/json' }) };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${app.address}${path}`, { method, headers, ...text });
}

async function json<T>(method: string, path: string, body?: object): Promise<T> {
  return (await (await call(method, path, body)).json()) as T;
}

async function signIn(): Promise<void> {
  const answer = await call('POST', '/api/session', OWNER);
  cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function untilOnline(): Promise<void> {
  const isOnline = async (): Promise<boolean> =>
    (await json<Camera>('GET', `/api/cameras/${id}`)).state === 'online';
  await until(isOnline, { withinMs: 15_000, what: 'the camera' });
}

/** What a route gives of a moment; every answer says that nobody may keep it. */
async function seen(moment: string, what: 'picture' | 'clip'): Promise<Buffer> {
  const answer = await call('GET', `/api/doorstep/${moment}/${what}`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return Buffer.from(await answer.arrayBuffer());
}

async function moments(): Promise<DoorstepList['moments']> {
  return (await json<DoorstepList>('GET', '/api/doorstep')).moments;
}

beforeAll(async () => {
  [folder, device, dataPath] = await Promise.all([
    ClipFolder.create(),
    loadClip(await makeClip(clip)).then((main) => RtspCamera.start({ streams: { '/main': main } })),
    mkdtemp(join(tmpdir(), 'doorkeep-doorstep-')),
  ]);
  await start();
  const setupToken = (await readFile(join(dataPath, 'setup-token'), 'utf8')).trim();
  await call('POST', '/api/setup', { setupToken, ...OWNER });
  await signIn();
  const source = { type: 'rtsp', url: device.url('/main') };
  ({ id } = await json<AddedCamera>('POST', '/api/cameras', { name: 'Door', source, sound: true }));
  await untilOnline();
  await clock.sleep(7_000);
});

afterAll(async () => {
  await app.stop();
  await device.close();
  await folder.remove();
  await rm(dataPath, { recursive: true });
  expect(defects).toEqual([]);
});

describe('the doorstep window', () => {
  it('shows a moment to who is locked, with the ten seconds around it', async () => {
    expect((await call('POST', '/api/lock')).status).toBe(204);
    expect(await moments()).toEqual([]);
    const atMs = epochMs(clock.wallMs());
    const moment = app.doorstep.remember(id, atMs, 'ring')!;
    // At once, as an alert would ask.
    const picture = await seen(moment, 'picture');
    const luma = await runFfmpeg([
      ...['-i', await folder.write('picture.jpg', picture)],
      ...['-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
    ]);
    expect(frameNumber(luma, clip.width)).toBeGreaterThan(3 * clip.fps);
    const early = await seen(moment, 'clip');
    await clock.sleep(6_000);
    const whole = await seen(moment, 'clip');
    expect(whole.subarray(0, early.length).equals(early)).toBe(true);
    const path = await folder.write('clip.mp4', whole);
    expect(await complaints(path)).toBe('');
    const times = await frameTimes(path);
    expect(times[0]).toBe(0);
    // Ten seconds, and up to a GOP before them.
    expect(times.at(-1)).toBeGreaterThan(9);
    expect(times.at(-1)).toBeLessThan(11.5);
    expect(await moments()).toEqual([
      { id: moment, camera: id, at: new Date(atMs).toISOString(), kind: 'ring' },
    ]);
    // The past itself stays closed.
    const query = `camera=${id}&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z`;
    expect((await json<Recordings>('GET', `/api/recordings?${query}`)).ranges).toHaveLength(1);
    const from = new Date(atMs - 5_000).toISOString();
    const to = new Date(atMs).toISOString();
    const list = await call('GET', `/api/playback/${id}.m3u8?from=${from}&to=${to}`);
    expect(list.status).toBe(423);
  });

  it('is on no disk', async () => {
    const [moment] = await moments();
    const picture = await seen(moment!.id, 'picture');
    const whole = await seen(moment!.id, 'clip');
    // Not those of silence and of flat pictures: zeros are everywhere.
    const windows = [
      ...windowsOf(picture.subarray(1_000), 1_500),
      ...windowsOf(whole, 8_000),
    ].filter((window) => new Set(window).size >= 12);
    expect(windows.length).toBeGreaterThan(4_000);
    const planted = await folder.write('planted', Buffer.concat([picture, whole]));
    expect(findWindows(windows, [planted]).found).toBeGreaterThanOrEqual(windows.length);
    const found = findWindows(windows, filesBelow(dataPath));
    expect(found).toEqual({ found: 0, where: undefined });
  });

  it('is gone with the camera, and with the box', async () => {
    const [first] = await moments();
    await app.stop();
    await start();
    // The session is of the database; the moment was of the memory.
    expect(await moments()).toEqual([]);
    expect((await call('GET', `/api/doorstep/${first!.id}/clip`)).status).toBe(404);
    await untilOnline();
    await clock.sleep(1_000);
    const again = app.doorstep.remember(id, epochMs(clock.wallMs()), 'visit')!;
    expect((await seen(again, 'clip')).length).toBeGreaterThan(1_000);
    expect((await call('DELETE', `/api/cameras/${id}`)).status).toBe(204);
    expect(await moments()).toEqual([]);
    expect((await call('GET', `/api/doorstep/${again}/picture`)).status).toBe(404);
    expect(app.doorstep.remember(id, epochMs(clock.wallMs()), 'visit')).toBeUndefined();
  });
});
