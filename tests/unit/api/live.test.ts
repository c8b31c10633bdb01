import type { AddressInfo } from 'node:net';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIVE_CLOSE } from '../../../server/contract/live.ts';
import type { Problem } from '../../../server/contract/problem.ts';
import { VIEWERS_MAX } from '../../../server/live/live-service.ts';
import { addPerson } from '../../fixtures/household-people.ts';
import { LiveClient, type LiveClientOptions, Refused } from '../../doubles/live-client.ts';
import { rawHttp } from '../../doubles/raw-http.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import type { WatchedCamera } from '../../doubles/watched-camera.ts';
import { madeFrame, madeFrames, madeRun } from '../../fixtures/made-media.ts';
import { TEST_CERTIFICATE } from '../../fixtures/test-certificate.ts';

let box: TestApi;
let base: string;
let id: string;
let camera: WatchedCamera;

async function start(...config: Parameters<typeof TestApi.start>): Promise<void> {
  box = await TestApi.start(...config);
  await box.setUp();
  await box.api.listen({ host: '127.0.0.1', port: 0 });
  const { port } = box.api.server.address() as AddressInfo;
  base = `http://127.0.0.1:${String(port)}`;
  const payload = { name: 'Porch', source: { type: 'rtsp', url: 'rtsp://192.168.1.20/' } };
  const added = await box.asOwner({ method: 'POST', url: '/api/cameras', payload });
  ({ id } = added.json<{ id: string }>());
  camera = box.watched.camera(id);
  camera.begin(madeRun(0));
  camera.media(0, ...madeFrames({ lengthMs: 300, gopMs: 1_000 }));
}

afterEach(() => box.close());

function path(query = ''): string {
  return `/api/cameras/${id}/live${query}`;
}

function open(query = '', options: LiveClientOptions = {}): Promise<LiveClient> {
  return LiveClient.connect(base + path(query), { cookie: box.cookie, origin: base, ...options });
}

async function refusal(query: string, options: LiveClientOptions = {}): Promise<Refused> {
  const thrown: unknown = await open(query, options).catch((error: unknown) => error);
  if (!(thrown instanceof Refused)) throw new Error('it was let in');
  return thrown;
}

describe('a live view', () => {
  beforeEach(() => start());

  it.each([
    ['the camera is taken away', { cameras: [] }, 'notAllowed'],
    ['the person is removed', undefined, 'signedOut'],
  ] as const)('ends at once when %s, and says why', async (_what, payload, why) => {
    const viewer = await addPerson(box, 'Guest', { role: 'viewer' });
    const [own, guests] = [await open(), await open('', { cookie: viewer.cookie })];
    await expect.poll(() => guests.fragments).toBe(3);
    const url = `/api/people/${String(viewer.id)}`;
    const change = payload === undefined ? { method: 'DELETE' } : { method: 'PATCH', payload };
    const changed = await box.asOwner({ url, ...change } as InjectOptions);
    expect(changed.statusCode).toBe(204);
    expect(await guests.closed).toBe(LIVE_CLOSE[why]);
    expect(own.socket.readyState).toBe(own.socket.OPEN);
    const again = await refusal('', { cookie: viewer.cookie });
    expect(again.status).toBe(payload === undefined ? 401 : 404);
  });

  it('is what the hub has, in messages of their own', async () => {
    const client = await open();
    await expect.poll(() => client.fragments).toBe(3);
    expect(client.texts).toEqual([
      expect.objectContaining({ type: 'init', codecs: 'avc1.640028', stream: 'main' }),
    ]);
    camera.media(0, madeFrame({ atMs: 300, durationMs: 100, key: false, sizeBytes: 70 }));
    await expect.poll(() => client.run.fragments.at(-1)?.length).toBe(70);
    client.socket.close();
    await expect.poll(() => box.live.viewers).toBe(0);
    expect(camera.watchers.size).toBe(0);
  });

  it('asks for the stream that the address names', async () => {
    await open('?stream=sub&audio=1');
    await open();
    expect(camera.wanted).toEqual(['sub', 'main']);
  });

  it.each<[string, string, LiveClientOptions, number]>([
    ['from another page', '', { origin: 'http://evil.example' }, 403],
    ['without a session', '', { cookie: undefined }, 401],
    ['with a session that is none', '', { cookie: 'doorkeep=x' }, 401],
    ['with a stream that does not exist', '?stream=best', {}, 400],
    ['with a field that does not exist', '?quality=1', {}, 400],
  ])('is refused before it begins %s', async (_what, query, options, status) => {
    const { status: answered, body } = await refusal(query, options);
    expect([answered, (JSON.parse(body) as Problem).status]).toEqual([status, status]);
    expect(box.live.viewers).toBe(0);
  });

  it('of a camera that nobody has is a 404', async () => {
    id = '00000000000000ff';
    expect((await refusal('')).status).toBe(404);
  });

  it('is not for a plain request', async () => {
    const answer = await box.asOwner({ url: path() });
    expect([answer.statusCode, answer.headers.upgrade]).toEqual([426, 'websocket']);
    expect(answer.json<Problem>().hint).toContain('ws:');
  });

  it.each([
    ['text', 'hello'],
    ['bytes', Buffer.from([1])],
  ])('ends for whoever sends %s', async (_what, data) => {
    const client = await open();
    client.socket.send(data);
    expect(await client.closed).toBe(LIVE_CLOSE.unexpectedData);
  });

  it('ends for whoever sends more than fits', async () => {
    const client = await open();
    client.socket.send(Buffer.alloc(100_000));
    // 1009: too big (RFC 6455 7.4.1). Or the connection just broke: 1006.
    expect([1006, 1009]).toContain(await client.closed);
    await expect.poll(() => box.live.viewers).toBe(0);
  });

  it('answers a ping, and is not made to hoard answers', async () => {
    const client = await open();
    const answered = new Promise((resolve) => client.socket.once('pong', resolve));
    client.socket.ping('x');
    await answered;
    client.socket.pause();
    for (let i = 0; i < 2_000; i += 1) client.socket.ping(Buffer.alloc(100));
    client.socket.resume();
    camera.media(0, madeFrame({ atMs: 300, durationMs: 100, key: false }));
    await expect.poll(() => client.fragments).toBe(4);
  });

  it('ends at once when its owner signs out, and not another’s', async () => {
    const mine = await open();
    const cookie = box.cookie;
    await box.signIn();
    const other = await open();
    const answer = await box.send({ method: 'DELETE', url: '/api/session', headers: { cookie } });
    expect(answer.statusCode).toBe(204);
    expect(await mine.closed).toBe(LIVE_CLOSE.signedOut);
    expect(other.socket.readyState).toBe(other.socket.OPEN);
    expect((await refusal('', { cookie })).status).toBe(401);
  });

  it('ends when its browser signs in anew', async () => {
    const client = await open();
    const headers = { cookie: box.cookie };
    await box.send({ method: 'POST', url: '/api/session', payload: OWNER, headers });
    expect(await client.closed).toBe(LIVE_CLOSE.signedOut);
  });

  it('ends with its camera', async () => {
    const client = await open();
    box.watched.remove(id);
    expect(await client.closed).toBe(LIVE_CLOSE.cameraGone);
  });

  it('is turned away when there are too many', async () => {
    for (let i = 0; i < VIEWERS_MAX; i += 1) await open();
    const client = await open();
    expect(await client.closed).toBe(LIVE_CLOSE.tooMany);
  });

  it('ends when the box stops, promptly, and leaves nothing', async () => {
    // Who added the camera was shown as looking at its picture: that is over.
    await box.clock.advance(10_000);
    const clients = [await open(), await open()];
    await box.api.close();
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([1001, 1001]);
    expect(box.live.viewers).toBe(0);
    await expect.poll(() => box.clock.pendingTimers).toBe(0);
  });

  it('is hung up on when it does not say goodbye', async () => {
    const client = await open();
    client.socket.pause();
    const closing = box.api.close();
    await expect.poll(() => box.live.viewers).toBe(0);
    await box.clock.advance(1_000);
    await closing;
    client.socket.resume();
    expect(await client.closed).toBeGreaterThan(1_000);
  });

  it('stays open when nothing happens for longer than a request may take', async () => {
    // What node would end the connection for: it has none while it is a WebSocket.
    const timeouts: unknown[] = [];
    box.api.server.on('upgrade', (_request, socket: { timeout?: number }) => {
      timeouts.push(socket);
    });
    await open();
    expect((timeouts[0] as { timeout?: number }).timeout).toBe(0);
  });

  it('is described with its messages', async () => {
    const description = (await box.send({ url: '/api/openapi.json' })).json<{
      paths: Record<string, { get: Record<string, unknown> }>;
    }>();
    const route = description.paths['/api/cameras/{id}/live']?.get;
    expect(route).toMatchObject({
      security: [{ session: [] }],
      responses: { 101: { description: expect.stringContaining('WebSocket') as string } },
      'x-websocket': { close: LIVE_CLOSE },
    });
    expect(JSON.stringify(route?.['x-websocket'])).toMatch(/init.*dropped.*state/s);
    expect(JSON.stringify(route?.parameters)).toMatch(/stream.*audio/s);
  });
});

describe('a request for another protocol', () => {
  beforeEach(() => start());

  function upgrade(first: string, ...fields: string[]): Promise<{ status: number; body: string }> {
    const host = base.replace('http://', 'Host: ');
    const head = [`${first} HTTP/1.1`, host, 'Connection: Upgrade', 'Upgrade: websocket'];
    return rawHttp(Number(new URL(base).port), [...head, ...fields, '', ''].join('\r\n'));
  }

  // rawHttp ends when the other side hangs up: each of these would last a minute otherwise.
  it.each([
    ['a route that has none', 'GET /api/health', 200],
    ['an address that does not exist', 'GET /api/nothing', 404],
    ['an address that is none', 'GET /api/%zz', 400],
    ['a live view, by nobody', 'GET /api/cameras/1/live', 401],
  ])('to %s is answered as usual, and the connection ends', async (_what, first, status) => {
    expect((await upgrade(first)).status).toBe(status);
  });

  it('to a live view without a key is refused', async () => {
    const answer = await upgrade(`GET ${path()}`, `Cookie: ${box.cookie}`);
    expect(answer.status).toBe(400);
    expect(box.live.viewers).toBe(0);
  });

  it('with a body is refused, because nobody would read it', async () => {
    const json = ['Content-Type: application/json', 'Content-Length: 2'];
    expect((await upgrade('POST /api/session', ...json)).status).toBe(400);
  });
});

describe('over HTTPS', () => {
  beforeEach(() => start({ tls: TEST_CERTIFICATE }));

  it('a live view is the same', async () => {
    const secure = base.replace('http://127.0.0.1', 'wss://localhost');
    const cookie = `__Host-${box.cookie}`;
    const options = { cookie, origin: secure.replace('wss', 'https'), ca: TEST_CERTIFICATE.cert };
    const client = await LiveClient.connect(secure + path(), options);
    await expect.poll(() => client.fragments).toBe(3);
    await expect(
      LiveClient.connect(secure + path(), { ...options, origin: base }),
    ).rejects.toMatchObject({ status: 403 });
  });
});
