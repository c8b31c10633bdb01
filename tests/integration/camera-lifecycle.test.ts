/** One camera through all that an owner does with it, on the real server. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Camera, CameraPatch } from '../../server/contract/camera.ts';
import type { Problem } from '../../server/contract/problem.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { ClipFolder, complaints, packetHashes } from '../fixtures/fmp4-clips.ts';
import {
  addCamera,
  cameraOf,
  metricOf,
  rangesOf,
  recordingsOf,
  takeOut,
  untilRecorded,
} from '../fixtures/household.ts';
import { ffmpegsOf, stillRunning } from '../fixtures/process-table.ts';

const main: ClipSpec = { ...CLIPS.small, gopSeconds: 1, seconds: 8, sound: 'aac' };
const sub: ClipSpec = { ...main, width: 320, height: 240, sound: 'none' };

const PASSWORD = 'canary-7hq2-camera';

describe.skipIf(!gstAvailable)('a camera', () => {
  let gst: GstRtspServer;
  let folder: ClipFolder;
  let server: DoorkeepServer;
  let id: string;

  beforeAll(async () => {
    folder = await ClipFolder.create();
    gst = await startGstRtspServer({
      mounts: [
        { path: '/main', file: await makeClip(main) },
        { path: '/sub', file: await makeClip(sub) },
      ],
      auth: { scheme: 'digest', username: 'viewer', password: PASSWORD },
    });
    server = await DoorkeepServer.start();
    await server.setUp();
  });

  afterAll(async () => {
    await server.dispose();
    await gst.stop();
    await folder.remove();
  });

  async function patch(change: CameraPatch): Promise<Camera> {
    const answer = await server.api<Camera>('PATCH', `/api/cameras/${id}`, change);
    expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
    return answer.body;
  }

  async function untilOnline(): Promise<Camera> {
    await until(async () => (await cameraOf(server, id)).state === 'online', {
      ...{ withinMs: 15_000, what: 'the camera online' },
    });
    return await cameraOf(server, id);
  }

  /** Changes when the camera is connected to or a run begins. */
  async function interruptions(): Promise<unknown> {
    const runs = await metricOf(server, 'doorkeep_ingest_runs_total', id);
    return { runs, attempts: await metricOf(server, 'doorkeep_ingest_attempts_total', id) };
  }

  async function gapReasons(): Promise<string[]> {
    return (await recordingsOf(server, id)).gaps.map((gap) => gap.reason);
  }

  it('is added and records; its password stays in the box', async () => {
    const source = {
      ...{ type: 'rtsp' as const, url: gst.url('/main') },
      ...{ username: 'viewer', password: PASSWORD },
    };
    const added = await addCamera(server, { name: 'Front door', source });
    id = added.id;
    const shown = { type: 'rtsp', url: gst.url('/main'), username: 'viewer' };
    expect(added).toMatchObject({ source: shown, sound: false, enabled: true });
    await untilRecorded(server, id, 2);
    expect(await untilOnline()).toMatchObject({ state: 'online', source: shown, audio: null });
    const snapshot = await server.fetch('GET', `/api/cameras/${id}/snapshot`);
    expect([snapshot.status, snapshot.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    // One ffmpeg for the main stream, and none of its arguments says where the camera is.
    const [ffmpeg, ...others] = ffmpegsOf(server.pid);
    expect(others).toEqual([]);
    expect(ffmpeg?.argv.join(' ')).not.toContain(String(gst.port));
    expect(ffmpeg?.argv.join(' ')).not.toContain(PASSWORD);
  });

  it('is renamed and moved without an interruption', async () => {
    const before = await interruptions();
    const renamed = await patch({ name: '  Garden gate ', position: 7 });
    expect(renamed).toMatchObject({ name: 'Garden gate', position: 7, state: 'online' });
    const [range] = await rangesOf(server, id);
    await untilRecorded(server, id, (range!.toMs - range!.fromMs) / 1_000 + 2);
    expect(await interruptions()).toEqual(before);
    expect(await rangesOf(server, id)).toHaveLength(1);
  });

  it.each<[string, CameraPatch, number]>([
    ['another path that does not exist', { source: { url: '/nowhere' } }, 422],
    ['a public address', { source: { url: 'rtsp://203.0.113.7/main' } }, 422],
    ['a wrong password', { source: { password: 'canary-wrong-password' } }, 422],
    ['an empty name', { name: ' ' }, 400],
    ['a field that does not exist', { colour: 'red' } as CameraPatch, 400],
  ])('with %s stays as it was, and goes on recording', async (_, change, status) => {
    const url = change.source?.url;
    const full = url?.startsWith('/') === true ? { source: { url: gst.url(url) } } : change;
    const before = [await interruptions(), await cameraOf(server, id)];
    const answer = await server.api<Problem>('PATCH', `/api/cameras/${id}`, full);
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toMatch(/^[A-Z0-9].*\.$/);
    const after = [await interruptions(), await cameraOf(server, id)];
    expect(after).toEqual([before[0], expect.objectContaining({ source: shownSource(before[1]) })]);
    expect(await rangesOf(server, id)).toHaveLength(1);
  });

  it('is switched off: no connection, and a gap that says so and goes on', async () => {
    const ffmpegs = ffmpegsOf(server.pid);
    expect(await patch({ enabled: false })).toMatchObject({ state: 'disabled', enabled: false });
    expect(stillRunning(ffmpegs)).toEqual([]);
    // A break that nobody would notice is none: it takes 200 ms to become one.
    await until(async () => (await gapReasons()).length > 0, {
      ...{ withinMs: 2_000, what: 'the gap' },
    });
    expect((await recordingsOf(server, id)).gaps).toEqual([
      expect.objectContaining({ reason: 'disabled', to: null }),
    ]);
    const snapshot = await server.api<Problem>('GET', `/api/cameras/${id}/snapshot`);
    expect([snapshot.status, snapshot.body.reason]).toEqual([422, 'disabled']);
  });

  it('is switched on again and records', async () => {
    await patch({ enabled: true });
    await untilRecorded(server, id, 2, 2);
    const { ranges, gaps } = await recordingsOf(server, id);
    const between = { from: ranges[0]!.to, to: ranges[1]!.from, reason: 'disabled' };
    expect(gaps).toEqual([between]);
  });

  it('gets a sub-stream', async () => {
    const changed = await patch({ source: { subUrl: gst.url('/sub') } });
    expect(changed.source).toMatchObject({ url: gst.url('/main'), subUrl: gst.url('/sub') });
    expect((await untilOnline()).video).toMatchObject({ width: main.width });
  });

  it('is heard from the moment its owner switches sound on', async () => {
    await patch({ sound: true });
    const { audio, stateReason } = await untilOnline();
    expect([audio, stateReason]).toEqual([expect.objectContaining({ codec: 'aac' }), undefined]);
    const silentToMs = (await rangesOf(server, id)).at(-1)!.toMs;
    const range = { fromMs: silentToMs - 1_000, toMs: silentToMs + 4_000 };
    // Sound is written behind its picture: the last of it may lie in the part behind the range.
    await until(async () => (await rangesOf(server, id)).at(-1)!.toMs > range.toMs + 2_000, {
      ...{ withinMs: 15_000, what: 'some seconds with sound' },
    });
    // Across the switch: silent first, then with sound.
    const { path } = await takeOut(server, id, { ...range, folder: folder.path });
    expect(await complaints(path)).toBe('');
    // 47 packets a second.
    expect((await packetHashes(path, 'a')).length).toBeGreaterThan(3 * 47);
  });

  it('is still there after an orderly stop, which leaves nothing running', async () => {
    const before = await cameraOf(server, id);
    const stretches = (await rangesOf(server, id)).length;
    const ffmpegs = ffmpegsOf(server.pid);
    expect(ffmpegs).toHaveLength(1);
    expect(await server.stop()).toBe(0);
    expect(stillRunning(ffmpegs)).toEqual([]);
    server = await DoorkeepServer.start({ dataPath: server.dataPath });
    await server.signIn();
    await untilRecorded(server, id, 2, stretches + 1);
    const { name, source, sound, position } = before;
    expect(await cameraOf(server, id)).toMatchObject({ name, source, sound, position });
    expect((await gapReasons()).at(-1)).toBe('server-stopped');
  });

  it('is removed with all of its footage', async () => {
    const footage = join(server.dataPath, 'footage', id);
    const ffmpegs = ffmpegsOf(server.pid);
    expect(existsSync(footage)).toBe(true);
    expect((await server.api('DELETE', `/api/cameras/${id}`)).status).toBe(204);
    expect((await server.api('GET', `/api/cameras/${id}`)).status).toBe(404);
    expect(stillRunning(ffmpegs)).toEqual([]);
    await until(() => !existsSync(footage), { withinMs: 5_000, what: 'the footage gone' });
    const query = new URLSearchParams({ camera: id, ...{ from: '2020-01-01T00:00:00Z' } });
    query.set('to', '2100-01-01T00:00:00Z');
    expect((await server.api('GET', `/api/recordings?${query.toString()}`)).status).toBe(404);
    expect(await server.stop()).toBe(0);
    server = await DoorkeepServer.start({ dataPath: server.dataPath });
    await server.signIn();
    expect((await server.api('GET', '/api/cameras')).body).toEqual({ cameras: [] });
    expect(server.output).not.toContain(PASSWORD);
  });
});

function shownSource(camera: unknown): Camera['source'] {
  return (camera as Camera).source;
}
