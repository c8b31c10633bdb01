import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LightMyRequestResponse } from 'fastify';
import { cookieOf, OWNER, TestApi } from '../../doubles/test-api.ts';

let box: TestApi;
beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

const ASKED = {
  camera: '0123456789abcdef',
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-01T01:00:00Z',
  password: OWNER.password,
};

function ask(change: object = {}): Promise<LightMyRequestResponse> {
  return box.asOwner({ method: 'POST', url: '/api/exports', payload: { ...ASKED, ...change } });
}

async function made(): Promise<string> {
  return (await ask()).json<{ id: string }>().id;
}

function fetchFile(id: string, headers = {}): Promise<LightMyRequestResponse> {
  return box.asOwner({ url: `/api/exports/${id}/file`, headers });
}

describe('asking for an export', () => {
  it('is a 202 with the job', async () => {
    const response = await ask({ edges: 'keyframe' });
    expect(response.statusCode).toBe(202);
    const job = response.json<{ id: string }>();
    expect(response.headers.location).toBe(`/api/exports/${job.id}`);
    expect(job).toMatchObject({ state: 'done', progress: 1, camera: ASKED.camera });
    expect((await box.asOwner({ url: `/api/exports/${job.id}` })).json()).toEqual(job);
    expect((await box.asOwner({ url: '/api/exports' })).json()).toEqual({ exports: [job] });
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 401, 'wrong-password'],
    ['no password', { password: undefined }, 400, undefined],
    ['an empty range', { to: ASKED.from }, 400, undefined],
    ['a range backwards', { to: '2025-01-01T00:00:00Z' }, 400, undefined],
    ['31 November', { from: '2026-11-31T00:00:00Z' }, 400, undefined],
    ['exact edges', { edges: 'exact' }, 422, 'not-there-yet'],
    ['unknown edges', { edges: 'round' }, 400, undefined],
    ['an unknown field', { upload: 'https://evil.example' }, 400, undefined],
  ])('with %s makes nothing', async (_what, change, status, reason) => {
    const response = await ask(change);
    expect(response.statusCode).toBe(status);
    expect(response.json<{ reason?: string }>().reason).toBe(reason);
    expect(box.exports.jobs.size).toBe(0);
  });

  it('meets the limit on failures', async () => {
    for (let i = 0; i < 5; i += 1) expect((await ask({ password: 'wrong' })).statusCode).toBe(401);
    expect((await ask()).statusCode).toBe(429);
  });
});

it('cancels or deletes', async () => {
  const id = await made();
  const url = `/api/exports/${id}`;
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(204);
  expect((await box.asOwner({ url })).statusCode).toBe(404);
  expect((await fetchFile(id)).statusCode).toBe(404);
});

describe('the file', () => {
  it('comes whole, under its name', async () => {
    const response = await fetchFile(await made());
    expect(response.statusCode).toBe(200);
    expect(response.rawPayload).toEqual(box.exports.bytes);
    expect(response.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '1000',
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(response.headers['content-disposition']).toContain('filename="Front door');
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=900-', 900, 1000],
    ['bytes=-50', 950, 1000],
    ['bytes=990-5000', 990, 1000],
  ])('comes in parts: %s', async (range, start, end) => {
    const response = await fetchFile(await made(), { range });
    expect(response.statusCode).toBe(206);
    expect(response.rawPayload).toEqual(box.exports.bytes.subarray(start, end));
    expect(response.headers).toMatchObject({
      'content-range': `bytes ${String(start)}-${String(end - 1)}/1000`,
      'content-length': String(end - start),
    });
  });

  it('has no part beyond its end', async () => {
    const response = await fetchFile(await made(), { range: 'bytes=1000-' });
    expect(response.statusCode).toBe(416);
    expect(response.headers['content-range']).toBe('bytes */1000');
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(box.exports.opened).toEqual([]);
  });

  it('goes on only with the file that was begun with', async () => {
    const id = await made();
    const range = 'bytes=0-99';
    expect((await fetchFile(id, { range, 'if-range': `"${id}"` })).statusCode).toBe(206);
    expect((await fetchFile(id, { range, 'if-range': '"other"' })).statusCode).toBe(200);
    expect((await fetchFile(id, { range, 'if-range': `W/"${id}"` })).statusCode).toBe(200);
  });

  it('needs the password again after 15 minutes', async () => {
    const id = await made();
    await box.clock.advance(15 * 60_000 - 1);
    expect((await fetchFile(id)).statusCode).toBe(200);
    await box.clock.advance(1);
    const late = await fetchFile(id);
    expect(late.statusCode).toBe(403);
    expect(late.json()).toMatchObject({ reason: 'password-needed' });
    const again = (password: string): Promise<LightMyRequestResponse> =>
      box.asOwner({ method: 'POST', url: `/api/exports/${id}/file-access`, payload: { password } });
    expect((await again('wrong')).statusCode).toBe(401);
    expect((await fetchFile(id)).statusCode).toBe(403);
    expect((await again(OWNER.password)).statusCode).toBe(204);
    expect((await fetchFile(id)).statusCode).toBe(200);
  });

  it('is for the browser that asked, not for another one of the same person', async () => {
    const id = await made();
    const other = cookieOf(await box.send({ method: 'POST', url: '/api/session', payload: OWNER }));
    const response = await box.send({
      url: `/api/exports/${id}/file`,
      headers: { cookie: other },
    });
    expect(response.statusCode).toBe(403);
  });

  it('is not for the collector of metrics, nor for nobody', async () => {
    const id = await made();
    const url = `/api/exports/${id}/file`;
    const headers = { authorization: `Bearer ${box.base.metricsToken}` };
    expect((await box.send({ url, headers })).statusCode).toBe(401);
    expect((await box.send({ url })).statusCode).toBe(401);
  });

  it('is not there for another person’s job', async () => {
    const id = await made();
    const entry = box.exports.jobs.get(id);
    if (entry === undefined) throw new Error('no job');
    box.exports.jobs.set(id, { ...entry, userId: 99 });
    expect((await fetchFile(id)).statusCode).toBe(404);
    expect((await box.asOwner({ url: `/api/exports/${id}` })).statusCode).toBe(404);
    expect((await box.asOwner({ url: '/api/exports' })).json()).toEqual({ exports: [] });
  });
});
