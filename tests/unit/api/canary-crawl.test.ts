/**
 * The canary crawl (guarantee, G2): whatever can hold a picture is given a nonce of its own, then every
 * route that the API describes is asked by everybody about every object, over HTTP and WebSocket, and
 * each answer is decoded. Who finds what is compared with a table that is written by hand
 * (tests/fixtures/canary-declaration.ts): nobody finds more, and nobody less. The API, its guards and accounts are the real ones, what lies behind
 * them (cameras, footage, copies) are doubles.
 */
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { AppError } from '../../../server/base/errors.ts';
import { epochMs } from '../../../server/base/time.ts';
import type { CameraTest } from '../../../server/contract/camera.ts';
import type { MadeToken } from '../../../server/contract/tokens.ts';
import { CAMERA_TEST } from '../../doubles/fake-services.ts';
import { cookieOf, OWNER, TestApi } from '../../doubles/test-api.ts';
import { type AskerName, ASKERS, FOREIGN } from '../../fixtures/canary-declaration.ts';
import {
  addPerson,
  addTwoCameras,
  GARDEN,
  PERSON_PASSWORD,
  PORCH,
} from '../../fixtures/household-people.ts';

// Some 800 requests, and a password for each copy that is asked for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CAMERAS = [PORCH, GARDEN] as const;
const MOMENTS = { [PORCH]: 'aaaaaaaaaaaaaaa1', [GARDEN]: 'aaaaaaaaaaaaaaa2' } as const;
const RANGE = { from: '2026-01-01T12:00:00.000Z', to: '2026-01-01T12:10:00.000Z' };

/** Of which source, and of which camera. */
const nonce = (source: string, camera: string): string => `CANARY-${source}-${camera}-END`;
const FOUND = /CANARY-(\w+)-(\w+)-END/g;

/** Header fields of somebody, or something, that asks. */
type Asker = Record<string, string>;

/** How the declaration calls them. */
const DECLARED_NAMES: Readonly<Record<string, string>> = { [PORCH]: 'porch', [GARDEN]: 'garden' };

let box: TestApi;
let base: string;
/** Exports by their maker's name and camera; only the maker's own are asked for. */
let copies: string[];

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
  plant();
  await box.api.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${String((box.api.server.address() as AddressInfo).port)}`;
});
afterEach(() => box.close());

/** Gives everything that can hold a picture its nonce. */
function plant(): void {
  const { cameras, doorstep, playback, exports } = box;
  cameras.snapshot = (id) => {
    cameras.get(id);
    return Promise.resolve({ jpeg: Buffer.from(nonce('snapshot', id)), takenAtMs: epochMs(0) });
  };
  const picture = { type: 'image/jpeg' as const, base64: base64(nonce('test', 'new')) };
  const test: CameraTest = { ...CAMERA_TEST, main: { ...CAMERA_TEST.main, picture } };
  cameras.test = () => Promise.resolve(test);
  box.live.open = (socket, { cameraId }) => {
    socket.sendText('{"type":"state","state":"online"}');
    socket.sendBinary(Buffer.from(nonce('live', cameraId)));
  };
  const cameraOf = (moment: string): string => {
    const found = CAMERAS.find((camera) => MOMENTS[camera] === moment);
    if (found === undefined) throw new AppError('not-found', 'It is gone.');
    return found;
  };
  doorstep.list = () =>
    CAMERAS.map((camera) => ({ id: MOMENTS[camera], camera, at: RANGE.from, kind: 'ring' }));
  doorstep.picture = (id) => Promise.resolve(Buffer.from(nonce('picture', cameraOf(id))));
  doorstep.clip = (id) => Buffer.from(nonce('clip', cameraOf(id)));
  playback.playlist = (id) => `#EXTM3U\n# ${cameras.get(id).id}\n`;
  playback.sizeOf = ({ cameraId }) => nonce('footage', cameras.get(cameraId).id).length;
  playback.read = ({ cameraId }) =>
    Promise.resolve(Readable.from([Buffer.from(nonce('footage', cameraId))]));
  exports.file = (id, userId) => {
    const text = nonce('copy', exports.get(id, userId).camera);
    const open = (): Promise<Readable> => Promise.resolve(Readable.from([Buffer.from(text)]));
    return Promise.resolve({ sizeBytes: text.length, fileName: 'x.mp4', open });
  };
}

/** Everybody there is. */
async function everybody(): Promise<Record<AskerName, Asker>> {
  const made = async (scope: string, camera?: string): Promise<Record<string, string>> => {
    const payload = { name: scope, scope, ...(camera && { camera }), password: OWNER.password };
    const answer = await box.asOwner({ method: 'POST', url: '/api/tokens', payload });
    return { authorization: `Bearer ${answer.json<MadeToken>().token}` };
  };
  const wall = await signIn(OWNER.username, OWNER.password);
  await box.send({
    ...{ method: 'POST', url: '/api/session/live-only', payload: {} },
    headers: { cookie: wall },
  });
  const limited = await addPerson(box, 'Limited', { cameras: [PORCH] });
  const exporter = await addPerson(box, 'Exporter', { cameras: [PORCH], mayExport: true });
  const viewer = await addPerson(box, 'Viewer', { role: 'viewer', cameras: [GARDEN] });
  const locked = await addPerson(box, 'Locked');
  const removed = await addPerson(box, 'Removed');
  await box.asOwner({ method: 'DELETE', url: `/api/people/${removed.id}` });
  box.base.keys.keepUnlocks((holder) => holder !== holderOf(locked.cookie));
  copies = [
    ...(await copiesOf(box.cookie, OWNER.password, CAMERAS)),
    ...(await copiesOf(exporter.cookie, PERSON_PASSWORD, [PORCH])),
  ];
  const { cookie } = box;
  const second = await signIn(OWNER.username, OWNER.password);
  return {
    nobody: {},
    owner: { cookie },
    'a second session of the owner, without the password': { cookie: second },
    'a wall screen': { cookie: wall },
    'a member with one camera': { cookie: limited.cookie },
    'a member who exports': { cookie: exporter.cookie },
    'a member who is locked': { cookie: locked.cookie },
    'a viewer': { cookie: viewer.cookie },
    'somebody who was removed': { cookie: removed.cookie },
    'a picture token': await made('live-picture', PORCH),
    'a metrics token': await made('metrics'),
    'the token in the data folder': { authorization: `Bearer ${box.base.metricsToken}` },
    'the owner by a foreign name': { cookie, ...FOREIGN['the owner by a foreign name'] },
    'the owner from a foreign page': { cookie, ...FOREIGN['the owner from a foreign page'] },
  };
}

async function signIn(username: string, password: string): Promise<string> {
  const payload = { username, password };
  return cookieOf(await box.send({ method: 'POST', url: '/api/session', payload }));
}

/** The name under which the keys know the session of a cookie. */
function holderOf(cookie: string): string {
  return box.base.auth.identify(cookie.split('=')[1])?.sessionKey ?? '';
}

async function copiesOf(
  cookie: string,
  password: string,
  cameras: readonly string[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const camera of cameras) {
    const payload = { camera, ...RANGE, password };
    const made = await box.send({
      ...{ method: 'POST', url: '/api/exports', payload },
      headers: { cookie },
    });
    ids.push(made.json<{ id: string }>().id);
  }
  return ids;
}

/** Every address of every route, about every object there is. */
async function everyRequest(): Promise<InjectOptions[]> {
  const { paths } = (await box.send({ url: '/api/openapi.json' })).json<{
    paths: Record<string, Record<string, unknown>>;
  }>();
  const ids = [...CAMERAS, ...Object.values(MOMENTS), ...copies, '1', '2', 'file'];
  const query = `?from=${RANGE.from}&to=${RANGE.to}`;
  const requests: InjectOptions[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
      const names = path.includes('{') ? ids : [''];
      for (const id of names) {
        const url = path
          .replace(/\{(id|cameraId)\}/, id)
          .replace('{runId}', '7')
          .replace('{sequence}', '3');
        if (method !== 'GET') {
          if (!CHANGES_NOTHING.has(`${method} ${path}`)) continue;
          requests.push({
            method: 'POST',
            url,
            payload: CHANGES_NOTHING.get(`POST ${path}`) ?? {},
          });
          continue;
        }
        const cameras = /recordings|protected$/.test(path) ? CAMERAS : [''];
        for (const camera of cameras) {
          const asked = /recordings|protected$|m3u8/.test(path) ? query : '';
          const more = path.endsWith('/days') ? '?timeZone=UTC&days=1' : asked;
          requests.push({ url: url + more + (camera && `&camera=${camera}`) });
        }
      }
    }
  }
  return requests;
}

/** What can be asked of everybody without another box afterwards; the others answer 204, or with words. */
const SOURCE = { type: 'rtsp', url: 'rtsp://192.168.1.20/' };
const CHANGES_NOTHING = new Map<string, object>([
  ['POST /api/cameras/test', { source: SOURCE }],
  ['POST /api/clock', { time: RANGE.from, withinMs: 1 }],
  ['POST /api/invitations/look', { secret: 'A'.repeat(43) }],
  ['POST /api/recovery', {}],
  ['POST /api/restores', {}],
  ['POST /api/exports', {}],
  ['POST /api/backups', {}],
  ['POST /api/keys', {}],
]);

/** Everything that one asker finds, by whatever way. */
async function crawl(headers: Asker, requests: readonly InjectOptions[]): Promise<string[]> {
  const found = new Set<string>();
  const note = (bytes: Buffer): void => {
    for (const text of decoded(bytes)) {
      for (const [, source, camera] of text.matchAll(FOUND)) {
        found.add(`${source} ${DECLARED_NAMES[camera ?? ''] ?? camera}`);
      }
    }
  };
  for (const request of requests) {
    await box.clock.advance(1_000);
    const answer = await box.send({ ...request, headers });
    expect(answer.statusCode, `${request.url as string} ${answer.body}`).toBeLessThan(500);
    note(answer.rawPayload);
    note(Buffer.from(JSON.stringify(answer.headers)));
  }
  for (const camera of CAMERAS) {
    const socket = new WebSocket(`${base}/api/cameras/${camera}/live`, {
      ...{ origin: base, headers },
    });
    await new Promise<void>((resolve) => {
      socket.on('message', (bytes: Buffer) => {
        note(bytes);
        if (bytes.includes('CANARY')) resolve();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve();
      });
    });
    socket.terminate();
  }
  return [...found].sort();
}

/** The bytes as they are, and what stands in them as base64 or hex. */
function decoded(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  const packed = [...text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)].flatMap(([run]) => [
    Buffer.from(run, 'base64').toString('latin1'),
    Buffer.from(run, 'base64url').toString('latin1'),
    Buffer.from(run, 'hex').toString('latin1'),
  ]);
  return [text, ...packed];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

it('everybody finds what the table says, nobody more and nobody less', async () => {
  const askers = await everybody();
  const requests = await everyRequest();
  expect(requests.length).toBeGreaterThan(60);
  for (const [name, asker] of Object.entries(askers)) {
    const { finds } = ASKERS[name as AskerName];
    expect(await crawl(asker, requests), name).toEqual([...finds].sort());
  }
});

it.each(['as it is', 'in base64', 'in hex'])(
  'a leak is caught, %s: planted in the counters',
  async (how) => {
    const { 'a metrics token': program } = await everybody();
    const leak = Buffer.from(nonce('leak', 'x'));
    const body =
      how === 'as it is' ? leak.toString() : leak.toString(how === 'in hex' ? 'hex' : 'base64');
    const { metrics } = box;
    metrics.render = () =>
      Promise.resolve({ contentType: 'text/plain', body: `up{x="${body}"} 1` });
    expect(await crawl(program, await everyRequest())).toEqual(['leak x']);
  },
);

it('a leak is caught: a guard that forgot to look at the camera', async () => {
  const { 'a member with one camera': member } = await everybody();
  const { auth } = box.base;
  const identify = auth.identify.bind(auth);
  auth.identify = (token) => {
    const identity = identify(token);
    return identity && { ...identity, cameras: 'all' };
  };
  expect(await crawl(member, await everyRequest())).toContain('footage garden');
});

it('G3: every token and session without a password gets none of what is stored as a copy', async () => {
  const askers = await everybody();
  await box.clock.advance(15 * 60_000);
  const files = copies.map((id) => ({ url: `/api/exports/${id}/file` }));
  for (const [name, asker] of Object.entries(askers)) {
    expect(
      (await crawl(asker, files)).filter((one) => one.startsWith('copy')),
      name,
    ).toEqual([]);
  }
  // Nor do they make one: the password is asked, and a wrong one is counted.
  for (const [name, headers] of Object.entries(askers)) {
    const payload = { camera: PORCH, ...RANGE, password: 'not the password' };
    const answer = await box.send({ method: 'POST', url: '/api/exports', payload, headers });
    expect([401, 403, 423, 429], name).toContain(answer.statusCode);
  }
  // The password again, and the same session has its file.
  const [copy] = copies;
  const url = `/api/exports/${copy ?? ''}/file-access`;
  const payload = { password: OWNER.password };
  expect((await box.asOwner({ method: 'POST', url, payload })).statusCode).toBe(204);
  expect((await box.asOwner({ url: `/api/exports/${copy ?? ''}/file` })).statusCode).toBe(200);
});
