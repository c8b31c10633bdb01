/** Exports through the API of the real server: what a person may ask for, and what a restart does. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import type { Export } from '../../server/contract/export.ts';
import type { Problem } from '../../server/contract/problem.ts';
import { insertCamera } from '../../server/storage/cameras.ts';
import { openDataFolder } from '../../server/storage/data-folder.ts';
import { Database } from '../../server/storage/database.ts';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { ClipFolder, complaints, frameHashes, mediaOf } from '../fixtures/fmp4-clips.ts';
import {
  addCamera,
  askForExport,
  exportBody,
  recordingsOf,
  type Stretch,
  takeOut,
  untilEnded,
  untilRecorded,
} from '../fixtures/household.ts';
import { recordClip } from '../fixtures/recorded-clip.ts';
import { footageOf, setUpFolder } from '../fixtures/set-up-folder.ts';
import { CAMERA_ID, testCamera } from '../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const CLIP_SECONDS = 32;
/** 9 minutes, 130 MB: long enough to be in the middle of. */
const LAPS = 16;
const ALL: Stretch = { fromMs: T0, toMs: T0 + CLIP_SECONDS * LAPS * 1_000 };
const SHORT: Stretch = { fromMs: T0 + 100_000, toMs: T0 + 110_000 };

/** Cheap to make and heavy to copy. */
const heavy: ClipSpec = {
  ...{ ...CLIPS.small, sound: 'aac', picture: 'moving', bitrateKbps: 2_000 },
  seconds: CLIP_SECONDS,
};

/** A data folder with a camera that is switched off and has recorded the clip again and again. */
async function makeRecordedHome(): Promise<string> {
  const path = await setUpFolder();
  const folder = await openDataFolder(path);
  const db = Database.open(folder.databasePath);
  const main = { tls: false, host: '127.0.0.1', address: '127.0.0.1', port: 554, path: '/' };
  const source = { type: 'rtsp', main, authentication: 'unknown' };
  insertCamera(db, testCamera({ enabled: false, sourceJson: JSON.stringify(source) }));
  const footage = await footageOf(folder, db);
  const media = await mediaOf(await makeClip(heavy));
  await recordClip({ db, footage }, new SystemClock(), { media, times: LAPS, anchorMs: T0 });
  db.markStoppedCleanly();
  db.close();
  folder.release();
  return path;
}

let server: DoorkeepServer;
let folder: ClipFolder;

beforeAll(async () => {
  folder = await ClipFolder.create();
  server = await DoorkeepServer.start({ dataPath: await makeRecordedHome() });
  await server.signIn();
});

afterAll(async () => {
  await server.dispose();
  await folder.remove();
});

/** Ends the server in the given way and starts another one on the same data. */
async function restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const status = await server.stop(signal);
  expect(status).toBe(signal === 'SIGTERM' ? 0 : null);
  server = await DoorkeepServer.start({ dataPath: server.dataPath });
  await server.signIn();
}

async function jobOf(id: string): Promise<Export> {
  return (await server.api<Export>('GET', `/api/exports/${id}`)).body;
}

async function fileOf(id: string, headers = {}): Promise<{ response: Response; bytes: Buffer }> {
  const response = await server.fetch('GET', `/api/exports/${id}/file`, undefined, headers);
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Cancels one of two jobs while it is in `state`, and removes the other. A job takes a few tenths of
 * a second, so it may be over before it can be cancelled; then the next two are tried.
 */
async function cancelledWhile(state: 'running' | 'queued'): Promise<Export> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const jobs = await Promise.all([ALL, ALL].map((all) => askForExport(server, CAMERA_ID, all)));
    let now = await Promise.all(jobs.map(({ id }) => jobOf(id)));
    while (now.some((job) => job.state === 'queued') && !now.some((job) => job.state === state)) {
      now = await Promise.all(jobs.map(({ id }) => jobOf(id)));
    }
    const chosen = now.find((job) => job.state === state);
    for (const { id } of now) await server.api('DELETE', `/api/exports/${id}`);
    for (const { id } of now) {
      const left = await server.api('GET', `/api/exports/${id}`);
      if (left.status === 404 || id === chosen?.id) continue;
      await server.api('DELETE', `/api/exports/${id}`);
    }
    // A job that was over when it was deleted is gone; one that was cancelled can still be read.
    if (chosen !== undefined && (await jobOf(chosen.id)).state === 'cancelled') return chosen;
  }
  throw new Error(`no job could be cancelled while ${state}`);
}

/** After a restart the password has to be typed again. */
async function allowFile(id: string): Promise<void> {
  const again = { password: OWNER.password };
  const answer = await server.api('POST', `/api/exports/${id}/file-access`, again);
  expect(answer.status).toBe(204);
}

describe('asking for an export', () => {
  const BEFORE = new Date(T0 - 1_000).toISOString();
  const DAY_AFTER = new Date(T0 + 25 * 3_600_000).toISOString();
  const EMPTY = exportBody(CAMERA_ID, { fromMs: T0 - 60_000, toMs: T0 - 1_000 });
  type Refusal = [what: string, body: Record<string, unknown>, status: number, reason: string];
  const refusals: Refusal[] = [
    ['the wrong password', { password: 'battery horse' }, 401, 'wrong-password'],
    ['no password', { password: undefined }, 400, ''],
    ['a field that does not exist', { quality: 'best' }, 400, ''],
    ['an instant that is none', { from: 'yesterday' }, 400, ''],
    ['an end before the beginning', { to: BEFORE }, 400, ''],
    ['another camera', { camera: 'ffffffffffffffff' }, 404, ''],
    ['more than a day', { to: DAY_AFTER }, 422, 'range-too-long'],
    ['a time without footage', EMPTY, 422, 'nothing-recorded'],
    ['exact edges', { edges: 'exact' }, 422, 'not-there-yet'],
  ];

  it.each(refusals)('with %s is refused with a sentence', async (_, body, status, reason) => {
    const asked = { ...exportBody(CAMERA_ID, SHORT), ...body };
    const answer = await server.api<Problem>('POST', '/api/exports', asked);
    expect(answer.status).toBe(status);
    if (reason !== '') expect(answer.body.reason).toBe(reason);
    expect(answer.body.detail).toMatch(/^[A-Z].*\.$/);
    expect((await server.api<{ exports: Export[] }>('GET', '/api/exports')).body.exports).toEqual(
      [],
    );
  });

  it('needs a signed-in person', async () => {
    const url = `${server.baseUrl}/api/exports`;
    expect((await fetch(url)).status).toBe(401);
  });
});

describe('a job', () => {
  it('says how far it is, and never goes back', async () => {
    const asked = await askForExport(server, CAMERA_ID, ALL);
    const { id } = asked;
    const seen: Export[] = [asked];
    await until(
      async () => {
        seen.push(await jobOf(id));
        return seen.at(-1)?.state === 'done';
      },
      { withinMs: 30_000, what: 'the export' },
    );
    const progress = seen.map((job) => job.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    expect(new Set(seen.map((job) => job.state)).size).toBeGreaterThan(1);
    const done = seen.at(-1)!;
    expect(Date.parse(done.actualTo!) - Date.parse(done.actualFrom!)).toBeGreaterThan(500_000);
    expect((await fileOf(id)).bytes).toHaveLength(done.sizeBytes!);
  });

  it.each(['running', 'queued'] as const)(
    'is cancelled while it is %s, and leaves nothing behind',
    async (state) => {
      const before = await readdir(join(server.dataPath, 'exports'));
      const { id } = await cancelledWhile(state);
      expect(await jobOf(id)).toMatchObject({ state: 'cancelled' });
      expect((await fileOf(id)).response.status).toBe(409);
      expect((await server.api('DELETE', `/api/exports/${id}`)).status).toBe(204);
      expect((await server.api('GET', `/api/exports/${id}`)).status).toBe(404);
      expect(await readdir(join(server.dataPath, 'exports'))).toEqual(before);
    },
  );

  it.each(['SIGKILL', 'SIGTERM'] as const)('survives %s of the server', async (signal) => {
    const { path } = await takeOut(server, CAMERA_ID, { ...ALL, folder: folder.path });
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    const running = await askForExport(server, CAMERA_ID, ALL);
    const waiting = await askForExport(server, CAMERA_ID, SHORT);
    await until(async () => (await jobOf(running.id)).state === 'running', {
      ...{ withinMs: 5_000, what: 'the job' },
    });
    await restart(signal);
    for (const { id } of [running, waiting]) {
      expect(await untilEnded(server, id)).toMatchObject({ state: 'done', progress: 1 });
      expect((await fileOf(id)).response.status).toBe(403);
      await allowFile(id);
    }
    expect(sha256Of((await fileOf(running.id)).bytes)).toBe(sha256);
  });
});

describe('the file', () => {
  let id: string;
  let whole: Buffer;

  beforeAll(async () => {
    const { path, job } = await takeOut(server, CAMERA_ID, { ...SHORT, folder: folder.path });
    id = job.id;
    whole = await readFile(path);
  });

  it('plays, with both tracks and every frame of the range', async () => {
    const path = await folder.write('whole.mp4', whole);
    expect(await complaints(path)).toBe('');
    const job = await jobOf(id);
    const seconds = (Date.parse(job.actualTo!) - Date.parse(job.actualFrom!)) / 1_000;
    expect(await frameHashes(path)).toHaveLength(Math.round(seconds * heavy.fps));
  });

  it('is sent for saving, under a name for people, and is kept by nobody', async () => {
    const { response } = await fileOf(id);
    const { headers } = response;
    expect(headers.get('content-type')).toBe('video/mp4');
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="Front door 2026-01-01 12-01-\d\d UTC\.mp4"/,
    );
    expect(headers.get('accept-ranges')).toBe('bytes');
    expect(headers.get('cache-control')).toContain('no-store');
    expect(Number(headers.get('content-length'))).toBe(whole.length);
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=1000-1000', 1_000, 1_001],
    ['bytes=100000-', 100_000, undefined],
    ['bytes=-500', -500, undefined],
    ['bytes=0-999999999999', 0, undefined],
  ])('is sent in parts: %s', async (range, from, to) => {
    const { response, bytes } = await fileOf(id, { range });
    const expected = whole.subarray(from, to);
    expect(response.status).toBe(206);
    expect(bytes.equals(expected)).toBe(true);
    const first = from < 0 ? whole.length + from : from;
    expect(response.headers.get('content-range')).toBe(
      `bytes ${first}-${first + expected.length - 1}/${whole.length}`,
    );
  });

  it('has no part beyond its end', async () => {
    const { response } = await fileOf(id, { range: `bytes=${whole.length}-` });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${whole.length}`);
  });

  it('is sent whole when it is another one than a download was begun with', async () => {
    const etag = (await fileOf(id)).response.headers.get('etag')!;
    const same = await fileOf(id, { range: 'bytes=0-9', 'if-range': etag });
    const other = await fileOf(id, { range: 'bytes=0-9', 'if-range': '"another"' });
    expect([same.response.status, other.response.status]).toEqual([206, 200]);
  });

  it('needs the password again in another browser', async () => {
    await server.signIn();
    expect((await fileOf(id)).response.status).toBe(403);
    const wrong = { password: 'battery horse' };
    expect((await server.api('POST', `/api/exports/${id}/file-access`, wrong)).status).toBe(401);
    expect((await fileOf(id)).response.status).toBe(403);
    await allowFile(id);
    expect((await fileOf(id)).bytes.equals(whole)).toBe(true);
  });

  it('is deleted with the export', async () => {
    expect((await server.api('DELETE', `/api/exports/${id}`)).status).toBe(204);
    expect((await fileOf(id)).response.status).toBe(404);
    expect(await readdir(join(server.dataPath, 'exports'))).not.toContain(`${id}.age`);
  });
});

describe.skipIf(!gstAvailable)('a range with gaps', () => {
  let gst: GstRtspServer;
  const spec: ClipSpec = { ...CLIPS.small, gopSeconds: 1, seconds: 8 };

  beforeAll(async () => {
    gst = await startGstRtspServer({ mounts: [{ path: '/door', file: await makeClip(spec) }] });
  });

  afterAll(async () => {
    await gst.stop();
  });

  it('has a reason for each, and the export has every frame around them', async () => {
    const source = { type: 'rtsp' as const, url: gst.url('/door') };
    const { id } = await addCamera(server, { name: 'Back door', source });
    await untilRecorded(server, id, 3, 1);
    await restart('SIGTERM');
    await untilRecorded(server, id, 3, 2);
    await restart('SIGKILL');
    await untilRecorded(server, id, 3, 3);

    const { ranges, gaps } = await recordingsOf(server, id);
    expect(gaps.map((gap) => gap.reason)).toEqual(['server-stopped', 'server-crashed']);
    // Nothing between: each gap begins where a range ends and ends where the next one begins.
    expect(gaps.map((gap) => [gap.from, gap.to])).toEqual(
      gaps.map((_, index) => [ranges[index]!.to, ranges[index + 1]!.from]),
    );

    const all = { fromMs: Date.parse(ranges[0]!.from), toMs: Date.parse(ranges[2]!.to) };
    const { path, job } = await takeOut(server, id, { ...all, folder: folder.path });
    expect(job.notes).toEqual([expect.stringMatching(/missing in 2 places/)]);
    expect(await complaints(path)).toBe('');
    // Media time is wall time: the whole is as long as the clock says, gaps included.
    const spanMs = Date.parse(job.actualTo!) - Date.parse(job.actualFrom!);
    expect(Math.abs(spanMs - (all.toMs - all.fromMs))).toBeLessThan(5);
    const sent = await frameHashes(await makeClip(spec));
    const places = (await frameHashes(path)).map((hash) => sent.indexOf(hash));
    // The clip begins anew with each connection; between, nothing is missing.
    const starts = places.flatMap((place, index) =>
      index > 0 && place !== (places[index - 1]! + 1) % sent.length ? [index] : [],
    );
    expect(places).not.toContain(-1);
    expect(starts).toHaveLength(2);
  });
});
