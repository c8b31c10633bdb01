import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LightMyRequestResponse } from 'fastify';
import { AppError, type ErrorKind } from '../../../server/base/errors.ts';
import { CAMERA_TEST } from '../../doubles/fake-services.ts';
import { TestApi } from '../../doubles/test-api.ts';

let box: TestApi;
beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

const SOURCE = { type: 'rtsp', url: 'rtsp://10.0.0.9/main' };

function add(source: object = SOURCE): Promise<LightMyRequestResponse> {
  return box.asOwner({ method: 'POST', url: '/api/cameras', payload: { name: 'Door', source } });
}

function test(source: object = SOURCE): Promise<LightMyRequestResponse> {
  return box.asOwner({ method: 'POST', url: '/api/cameras/test', payload: { source } });
}

it('adds, shows, changes and removes a camera', async () => {
  const added = await add();
  expect(added.statusCode).toBe(201);
  const { id } = added.json<{ id: string }>();
  expect(added.headers.location).toBe(`/api/cameras/${id}`);
  expect(added.json()).toMatchObject({ name: 'Door', state: 'connecting', test: CAMERA_TEST });
  const url = `/api/cameras/${id}`;
  expect((await box.asOwner({ url })).json()).toMatchObject({ id, name: 'Door' });
  const changed = await box.asOwner({ method: 'PATCH', url, payload: { name: 'Gate' } });
  expect(changed.json()).toMatchObject({ id, name: 'Gate' });
  expect((await box.asOwner({ url: '/api/cameras' })).json()).toMatchObject({
    cameras: [{ name: 'Gate' }],
  });
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(204);
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(404);
  expect((await box.asOwner({ url })).statusCode).toBe(404);
});

it('takes a patch of everything that may change, and nothing else', async () => {
  const { id } = (await add()).json<{ id: string }>();
  const patch = (payload: object): Promise<LightMyRequestResponse> =>
    box.asOwner({ method: 'PATCH', url: `/api/cameras/${id}`, payload });
  const all = {
    name: 'x',
    source: { url: 'rtsp://10.0.0.9/', subUrl: null, username: null, password: 'x' },
    sound: true,
    enabled: false,
    position: 3,
  };
  expect((await patch(all)).statusCode).toBe(200);
  expect((await patch({})).statusCode).toBe(200);
  for (const bad of [{ id: 'x' }, { position: -1 }, { position: 1.5 }, { source: { url: null } }]) {
    expect((await patch(bad)).statusCode, JSON.stringify(bad)).toBe(400);
  }
});

it('tests without saving', async () => {
  const response = await test();
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual(CAMERA_TEST);
  expect(box.cameras.cameras.size).toBe(0);
});

describe('what a camera does wrong', () => {
  it.each<ErrorKind>(['unprocessable', 'timeout', 'unavailable', 'corrupt'])(
    'is a 422 with its sentence, also as %s',
    async (kind) => {
      box.cameras.trouble = new AppError(kind, 'The camera does not know this password.', {
        reason: 'wrong-password',
        hint: 'Type it again.',
      });
      for (const response of [await add(), await test()]) {
        expect(response.statusCode).toBe(422);
        expect(response.json()).toEqual({
          type: 'urn:doorkeep:problem:unprocessable',
          title: 'This cannot be used',
          status: 422,
          detail: 'The camera does not know this password.',
          hint: 'Type it again.',
          reason: 'wrong-password',
        });
      }
      expect(box.cameras.cameras.size).toBe(0);
    },
  );

  it('is told within 15 s, even when it says nothing at all', async () => {
    box.cameras.hangs = true;
    const pending = add();
    // The limit, and that somebody is shown as looking at what comes.
    await expect.poll(() => box.clock.pendingTimers).toBe(2);
    await box.clock.advance(14_999);
    const response = await pending;
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ reason: 'too-slow' });
    await expect.poll(() => box.clock.pendingTimers).toBe(0);
    expect(box.cameras.cameras.size).toBe(0);
  });

  it.each([
    '-rtsp://10.0.0.9/',
    'rtsp://10.0.0.9/\nx',
    'file:///etc/passwd',
    'http://10.0.0.9/',
    '',
  ])('includes the address %j: for the service to say what is wrong', async (url) => {
    box.cameras.trouble = new AppError('unprocessable', 'This is not an RTSP address.');
    expect((await add({ type: 'rtsp', url })).statusCode).toBe(422);
  });
});

it('says plainly that ONVIF is not there yet', async () => {
  const onvif = { type: 'onvif', address: '10.0.0.9', username: 'a', password: 'b' };
  for (const response of [await add(onvif), await test(onvif)]) {
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({
      detail: 'Cameras cannot be added by ONVIF yet.',
      reason: 'not-there-yet',
    });
  }
});

describe('a snapshot', () => {
  it('is a JPEG that no cache keeps and no other site embeds', async () => {
    const { id } = (await add()).json<{ id: string }>();
    const response = await box.asOwner({ url: `/api/cameras/${id}/snapshot` });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'doorkeep-taken-at': '1970-01-01T00:00:00.000Z',
    });
    expect(response.rawPayload.subarray(0, 2).toString('hex')).toBe('ffd8');
  });

  it('is refused to a page elsewhere, and without a session', async () => {
    const { id } = (await add()).json<{ id: string }>();
    const url = `/api/cameras/${id}/snapshot`;
    const headers = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' };
    expect((await box.asOwner({ url, headers })).statusCode).toBe(403);
    expect((await box.send({ url })).statusCode).toBe(401);
    expect((await box.asOwner({ url: '/api/cameras/nobody/snapshot' })).statusCode).toBe(404);
  });
});

it('lists footage and gaps, in UTC', async () => {
  const response = await box.asOwner({
    url: '/api/recordings',
    query: {
      camera: '0123456789abcdef',
      from: '2026-01-01T01:00:00+01:00',
      to: '2026-01-02T00:00:00.5Z',
    },
  });
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({
    ranges: [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.500Z' }],
    gaps: [{ from: '2026-01-01T00:00:00.000Z', to: null, reason: 'server-crashed' }],
  });
});
