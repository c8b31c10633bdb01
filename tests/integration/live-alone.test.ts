/** Live pictures from a simulated camera to real WebSockets, through the real server. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import type { CameraPatch } from '../../server/contract/camera.ts';
import { LIVE_CLOSE } from '../../server/contract/live.ts';
import { readPart } from '../../server/fmp4/part.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import { LiveClient, type LiveClientOptions, type SeenRun } from '../doubles/live-client.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { soundLatenessMs } from '../fixtures/flash-and-beep.ts';
import { ClipFolder, complaints, frameHashes, packetHashes } from '../fixtures/fmp4-clips.ts';
import { addCamera, cameraOf, metricOf, recordingsOf } from '../fixtures/household.ts';
import { ffmpegsOf } from '../fixtures/process-table.ts';

const main: ClipSpec = { ...CLIPS.small, gopSeconds: 1, sound: 'aac' };
const sub: ClipSpec = { ...CLIPS.small, width: 320, height: 240, gopSeconds: 1 };

const clock = new SystemClock();
let camera: RtspCamera;
let server: DoorkeepServer;
let folder: ClipFolder;
let paths: { readonly main: string; readonly sub: string };
let id: string;
/** Another camera, of which only sound and picture are compared. */
let flashId: string;
const clients: LiveClient[] = [];

beforeAll(async () => {
  folder = await ClipFolder.create();
  paths = { main: await makeClip(main), sub: await makeClip(sub) };
  const streams = {
    '/main': await loadClip(paths.main),
    '/sub': await loadClip(paths.sub),
    '/flash': await loadClip(await makeClip(CLIPS.flashAndBeep)),
  };
  camera = await RtspCamera.start({ streams });
  server = await DoorkeepServer.start();
  await server.setUp();
  const source = { type: 'rtsp' as const, url: camera.url('/main'), subUrl: camera.url('/sub') };
  ({ id } = await addCamera(server, { name: 'Front door', source, sound: true }));
  const flash = { type: 'rtsp' as const, url: camera.url('/flash') };
  const added = await addCamera(server, { name: 'Yard', source: flash, sound: true });
  flashId = added.id;
});

afterEach(async () => {
  for (const client of clients) client.socket.terminate();
  await Promise.all(clients.map(({ closed }) => closed));
  clients.length = 0;
});

afterAll(async () => {
  await server.dispose();
  await camera.close();
  await folder.remove();
});

async function watch(
  query = '',
  { of = id, ...options }: LiveClientOptions & { of?: string } = {},
): Promise<LiveClient> {
  const client = await LiveClient.connect(`${server.baseUrl}/api/cameras/${of}/live${query}`, {
    ...{ cookie: server.cookie, origin: server.baseUrl },
    ...options,
  });
  clients.push(client);
  return client;
}

async function untilFragments(client: LiveClient, count: number): Promise<void> {
  await until(() => client.fragments >= count, {
    ...{ withinMs: 30_000, what: `${String(count)} fragments` },
  });
}

/** All that was sent of a run, as a file. */
function fileOf(client: LiveClient, run: SeenRun, name: string): Promise<string> {
  return folder.write(name, client.fileOf(run));
}

/** Whether `packets` are those of the clip in order, from wherever, around its end as often as it
 * takes. */
function expectInOrder(packets: readonly string[], clip: readonly string[]): void {
  const start = clip.indexOf(packets[0] ?? '');
  expect(start).toBeGreaterThanOrEqual(0);
  expect(packets).toEqual(packets.map((_, index) => clip[(start + index) % clip.length]));
}

async function patch(change: CameraPatch): Promise<void> {
  const answer = await server.api('PATCH', `/api/cameras/${id}`, change);
  expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
}

async function untilOnline(): Promise<void> {
  await until(async () => (await cameraOf(server, id)).state === 'online', {
    ...{ withinMs: 15_000, what: 'the camera online' },
  });
}

describe('live', () => {
  it('begins with the GOP in memory, at once', async () => {
    await untilOnline();
    // In the middle of a GOP.
    await until(
      async () => ((await metricOf(server, 'doorkeep_recorder_parts_total', id)) ?? 0) > 0,
      {
        ...{ withinMs: 15_000, what: 'a part' },
      },
    );
    await clock.sleep(600);
    const startedMs = clock.monotonicMs();
    const client = await watch();
    await untilFragments(client, 5);
    expect(client.texts.map(({ type }) => type)).toEqual(['init']);
    expect(readPart(client.run.fragments[0]!).video.sync[0]).toBe(1);
    // Beside a test runner on two cores; on its own it is about 20 ms.
    expect(client.arrivals[1]! - startedMs).toBeLessThan(300);
  });

  it('plays without a complaint: all frames in order, and no sound unless asked for', async () => {
    const client = await watch();
    await untilFragments(client, 50);
    const path = await fileOf(client, client.run, 'silent.mp4');
    const count = client.run.fragments.length;
    expect(client.run.init).toMatchObject({
      ...{ codecs: expect.stringMatching(/^avc1\.[0-9a-f]{6}$/) as string, stream: 'main' },
      ...{ width: main.width, height: main.height },
    });
    expect(await complaints(path)).toBe('');
    const frames = await frameHashes(path);
    expect(frames.length).toBeGreaterThanOrEqual(50);
    expect(frames.length).toBeLessThanOrEqual(count);
    expectInOrder(frames, await frameHashes(paths.main));
  });

  it('has the sound with the picture', async () => {
    const client = await watch('?audio=1');
    await until(() => client.fragments > 0, { withinMs: 5_000, what: 'a picture' });
    await clock.sleep(5_000);
    const path = await fileOf(client, client.run, 'sound.mp4');
    expect(client.run.init.codecs).toMatch(/^avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
    expect(await complaints(path)).toBe('');
    expectInOrder(await frameHashes(path), await frameHashes(paths.main));
    expectInOrder(await packetHashes(path, 'a'), await packetHashes(paths.main, 'a'));
    // A browser plays what it has of both: sound must not come in long pieces. Two packets, and a third
    // where the camera's clock is slewed.
    const tables = client.run.fragments.map((bytes) => readPart(bytes).audio);
    for (const { count } of tables) expect(count).toBeLessThanOrEqual(3);
  });

  it('has the sound in step', async () => {
    const client = await watch('?audio=1', { of: flashId });
    await until(() => client.fragments > 0, { withinMs: 5_000, what: 'a picture' });
    await clock.sleep(5_000);
    const late = await soundLatenessMs(await fileOf(client, client.run, 'flash.mp4'));
    expect(late.length).toBeGreaterThanOrEqual(3);
    for (const ms of late) expect(Math.abs(ms)).toBeLessThan(100);
  });

  it('says when a picture was taken', async () => {
    const client = await watch();
    await untilFragments(client, 50);
    const { video } = readPart(client.run.fragments.at(-1)!);
    const endMs = (video.decodeTimeTicks + video.durations[0]!) / 90;
    expect(Math.abs(clock.wallMs() - client.run.init.epochMs - endMs)).toBeLessThan(500);
  });
});

describe('the sub-stream', () => {
  it('starts with its first viewer, shows the other picture meanwhile, and stops after the last', async () => {
    expect(camera.clients('/sub')).toBe(0);
    const [first, second] = [await watch('?stream=sub'), await watch('?stream=sub')];
    await until(() => first.runs.length > 1 && second.runs.length > 1, {
      ...{ withinMs: 15_000, what: 'the small picture' },
    });
    expect(first.runs.map(({ init }) => init.stream)).toEqual(['main', 'sub']);
    expect(first.run.init).toMatchObject({ width: sub.width, height: sub.height });
    expect(camera.clients('/sub')).toBe(1);
    await until(() => first.run.fragments.length > 30, { withinMs: 10_000, what: 'pictures' });
    const path = await fileOf(first, first.run, 'sub.mp4');
    expectInOrder(await frameHashes(path), await frameHashes(paths.sub));
    const parts = await metricOf(server, 'doorkeep_ingest_runs_total', id);
    first.socket.close();
    second.socket.close();
    await until(() => camera.clients('/sub') === 0, { withinMs: 15_000, what: 'its end' });
    expect(ffmpegsOf(server.pid)).toHaveLength(2);
    expect(await metricOf(server, 'doorkeep_ingest_runs_total', id)).toBe(parts);
  });
});

describe('a viewer who does not read', () => {
  it('costs two others and the recording nothing, and is told what it missed', async () => {
    const gaps = (await recordingsOf(server, id)).gaps.length;
    const [stuck, ...others] = [await watch(), await watch('?audio=1'), await watch()];
    await Promise.all([stuck, ...others].map((client) => untilFragments(client, 10)));
    stuck.socket.pause();
    await clock.sleep(9_000);
    stuck.socket.resume();
    await until(() => stuck.texts.some(({ type }) => type === 'dropped'), {
      ...{ withinMs: 10_000, what: 'the word of what was dropped' },
    });
    const dropped = stuck.texts.find((message) => message.type === 'dropped');
    expect(dropped?.frames).toBeGreaterThan(30);
    expect(dropped?.behindMs).toBeGreaterThan(2_000);
    expect(await metricOf(server, 'doorkeep_live_dropped_frames_total')).toBe(dropped?.frames);
    // It goes on, at a key frame.
    await untilFragments(stuck, stuck.fragments + 30);
    const clip = await frameHashes(paths.main);
    for (const [index, client] of others.entries()) {
      expect(client.texts.filter(({ type }) => type === 'dropped')).toEqual([]);
      const path = await fileOf(client, client.run, `other-${String(index)}.mp4`);
      const frames = await frameHashes(path);
      expect(frames.length).toBeGreaterThan(9 * main.fps);
      expectInOrder(frames, clip);
    }
    expect(await metricOf(server, 'doorkeep_recorder_lost_frames_total', id)).toBe(0);
    expect((await recordingsOf(server, id)).gaps).toHaveLength(gaps);
  });

  it('and never comes back is hung up on', async () => {
    const stuck = await watch();
    await untilFragments(stuck, 10);
    stuck.socket.pause();
    await until(async () => (await metricOf(server, 'doorkeep_live_viewers')) === 0, {
      ...{ withinMs: 40_000, what: 'the end of the viewer' },
    });
    stuck.socket.resume();
    expect([1006, LIVE_CLOSE.stalled]).toContain(await stuck.closed);
  });
});

describe('a camera that changes while it is watched', () => {
  it('is told of, and the new run comes by itself', async () => {
    const client = await watch();
    await untilFragments(client, 5);
    await patch({ enabled: false });
    await until(() => client.states.includes('disabled'), { withinMs: 5_000, what: 'the word' });
    await patch({ enabled: true });
    await until(() => client.runs.length === 2, { withinMs: 15_000, what: 'the next run' });
    await patch({ sound: false });
    await until(() => client.runs.length === 3, { withinMs: 15_000, what: 'the third run' });
    expect(client.states[0]).toBe('disabled');
    expect(client.states.at(-1)).toBe('online');
    await untilFragments(client, client.fragments + 20);
    await patch({ sound: true });
  });

  it('and stalls is told of with its reason, and comes back', async () => {
    await untilOnline();
    const client = await watch();
    await untilFragments(client, 5);
    camera.trouble.stall = true;
    await until(() => client.states.includes('stalled'), { withinMs: 15_000, what: 'the word' });
    const told = client.texts.find((message) => message.type === 'state');
    expect(told?.stateReason?.sentence).toContain('Front door');
    camera.trouble.stall = false;
    await until(() => client.runs.length === 2, { withinMs: 20_000, what: 'the next run' });
    expect(client.states.at(-1)).toBe('online');
  });
});

describe('who may look', () => {
  it('is not a page from elsewhere, nor somebody without a session', async () => {
    await expect(watch('', { origin: 'http://evil.example' })).rejects.toMatchObject({
      status: 403,
    });
    await expect(watch('', { cookie: undefined })).rejects.toMatchObject({ status: 401 });
  });

  it('is nobody who has signed out: at once', async () => {
    const client = await watch();
    await untilFragments(client, 5);
    await server.api('DELETE', '/api/session');
    const signedOutMs = clock.monotonicMs();
    expect(await client.closed).toBe(LIVE_CLOSE.signedOut);
    expect(clock.monotonicMs() - signedOutMs).toBeLessThan(500);
    await expect(watch()).rejects.toMatchObject({ status: 401 });
    await server.signIn();
  });
});

it('stops promptly under the eyes of its viewers', async () => {
  await untilOnline();
  const [client, stuck] = [await watch(), await watch('?stream=sub')];
  await untilFragments(client, 5);
  stuck.socket.pause();
  const startedMs = clock.monotonicMs();
  expect(await server.stop()).toBe(0);
  expect(clock.monotonicMs() - startedMs).toBeLessThan(4_000);
  expect(await client.closed).toBe(LIVE_CLOSE.goingAway);
});
