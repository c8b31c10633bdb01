import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { AppError } from '../../../server/base/errors.ts';
import type { Problem } from '../../../server/contract/problem.ts';
import { TestApi } from '../../doubles/test-api.ts';

let box: TestApi;
beforeAll(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterAll(() => box.close());

function expectProblem(response: LightMyRequestResponse, status: number): Problem {
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(response.headers['cache-control']).toBe('no-store');
  expect(response.headers['x-content-type-options']).toBe('nosniff');
  const problem = response.json<Problem>();
  expect(problem).toMatchObject({ status });
  expect(response.statusCode).toBe(status);
  expect(problem.detail).toMatch(/\.$/);
  return problem;
}

const CAMERA = { name: 'Door', source: { type: 'rtsp', url: 'rtsp://10.0.0.9/' } };

function addCamera(
  payload: InjectOptions['payload'],
  headers = {},
): Promise<LightMyRequestResponse> {
  const options: InjectOptions = { method: 'POST', url: '/api/cameras', headers };
  return box.asOwner(payload === undefined ? options : { ...options, payload });
}

describe('a body', () => {
  it.each([
    ['an unknown field', { ...CAMERA, extra: 1 }],
    ['an unknown field deep inside', { ...CAMERA, source: { ...CAMERA.source, extra: 1 } }],
    ['a number for text', { ...CAMERA, name: 5 }],
    ['text for a switch', { ...CAMERA, sound: 'true' }],
    ['null for text', { ...CAMERA, name: null }],
    ['a list', [CAMERA]],
    ['an empty name', { ...CAMERA, name: '' }],
    ['a blank name', { ...CAMERA, name: '   ' }],
    ['a long name', { ...CAMERA, name: 'x'.repeat(65) }],
    ['no source', { name: 'x' }],
    ['an unknown kind of source', { ...CAMERA, source: { type: 'http', url: 'x' } }],
    ['a kind that is no text', { ...CAMERA, source: { type: 5, url: 'x' } }],
    ['a kind named constructor', { ...CAMERA, source: { type: 'constructor', url: 'x' } }],
    ['no kind', { ...CAMERA, source: { url: 'x' } }],
    ['a list for the kind', { ...CAMERA, source: { type: ['rtsp'], url: 'x' } }],
    ['a long address', { ...CAMERA, source: { type: 'rtsp', url: 'x'.repeat(2049) } }],
  ])('with %s is a 400', async (_what, payload) => {
    expectProblem(await addCamera(payload), 400);
    expect(box.cameras.cameras.size).toBe(0);
  });

  it('names the field', async () => {
    const problem = expectProblem(
      await addCamera({ ...CAMERA, source: { ...CAMERA.source, port: 5 } }),
      400,
    );
    expect(problem.detail).toBe('The field "source.port" in the body is not known.');
    const missing = expectProblem(await addCamera({ name: 'x' }), 400);
    expect(missing.detail).toBe('The field "source" is missing in the body.');
  });

  it.each(['x'.repeat(10_000), '/etc/passwd', '<script>alert(1)</script>', 'a\r\nX: y', 'é', ''])(
    'sends back no name that is written like none of ours: %j',
    async (name) => {
      const problem = expectProblem(await addCamera({ ...CAMERA, [name]: 1 }), 400);
      expect(problem.detail).toBe('A field in the body is not known.');
    },
  );

  it.each([
    '{',
    '',
    'null',
    '"x"',
    '{"name":"x","__proto__":{"a":1}}',
    '{"constructor":{"prototype":{"a":1}}}',
    '\u0000',
  ])('that is %j is a 400', async (payload) => {
    expectProblem(await addCamera(payload, { 'content-type': 'application/json' }), 400);
  });

  it('that is nested 30,000 deep is a 400', async () => {
    expectProblem(await addCamera('['.repeat(30_000), { 'content-type': 'application/json' }), 400);
  });

  it('that is missing is a 400', async () => {
    expectProblem(await addCamera(undefined), 400);
  });

  it('above 64 KiB is a 413', async () => {
    const payload = JSON.stringify({ ...CAMERA, name: 'x'.repeat(70_000) });
    expectProblem(await addCamera(payload, { 'content-type': 'application/json' }), 413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'text/plain;charset=application/json',
    'application/jsonx',
    'application/json-patch+json',
    'application/ld+json',
    'application/json,text/plain',
    'application/json text/plain',
    'json',
    'x',
  ])('declared as %s is a 415', async (type) => {
    expectProblem(await addCamera(JSON.stringify(CAMERA), { 'content-type': type }), 415);
    expect(box.cameras.cameras.size).toBe(0);
  });
});

describe('an address', () => {
  it.each([
    '/api/',
    '/api',
    '/',
    '/api/nothing',
    '/api/cameras/',
    '/api/cameras/x/y',
    '/API/health',
  ])('%s is a 404', async (url) => {
    expectProblem(await box.asOwner({ url }), 404);
  });

  it.each([
    ['PUT', '/api/cameras', 'GET, POST'],
    ['DELETE', '/api/cameras', 'GET, POST'],
    ['POST', '/api/cameras/abc', 'DELETE, GET, PATCH'],
    ['HEAD', '/api/health', 'GET'],
    ['OPTIONS', '/api/session', 'DELETE, GET, POST'],
    ['POST', '/api/health?x=1', 'GET'],
  ] as const)('%s %s is a 405', async (method, url, allow) => {
    const response = await box.asOwner({ method, url });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allow);
    if (method !== 'HEAD') expectProblem(response, 405);
  });

  it.each([
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'toString',
    '0',
    '..',
    '%2e%2e',
    '%00',
    'é',
  ])('with the id %s is a 404', async (id) => {
    for (const noun of ['cameras', 'exports']) {
      const response = await box.asOwner({ url: `/api/${noun}/${id}` });
      expect([400, 404]).toContain(response.statusCode);
    }
  });

  it.each(['/api/%zz', '/api/cameras/%E0%A4%A', '/%'])('%s is a 400', async (url) => {
    expectProblem(await box.send({ url }), 400);
  });

  it('with a part that is too long is a 414', async () => {
    expectProblem(await box.asOwner({ url: `/api/cameras/${'a'.repeat(101)}` }), 414);
  });
});

describe('a query', () => {
  const base = '/api/recordings?camera=0123456789abcdef';
  it.each([
    base,
    `${base}&from=2026-01-01T00:00:00Z`,
    `${base}&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&extra=1`,
    `${base}&from=yesterday&to=2026-01-02T00:00:00Z`,
    `${base}&from=2026-02-30T00:00:00Z&to=2026-03-02T00:00:00Z`,
    `${base}&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`,
    `${base}&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`,
    `${base}&from=1767225600000&to=1767312000000`,
    `${base}&from=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`,
    `${base}&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&__proto__=1`,
    '/api/recordings?camera=constructor&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
    '/api/health?x=1',
  ])('%s is a 400', async (url) => {
    expectProblem(await box.asOwner({ url }), 400);
  });
});

describe('an error of ours', () => {
  it('shows no stack and no path, and is logged once, without secrets', async () => {
    const before = box.logLines.length;
    box.cameras.trouble = new AppError('io', "EIO: i/o error, read '/srv/data/x'", {
      cause: new Error('/srv/data/y'),
    });
    const response = await addCamera(CAMERA);
    box.cameras.trouble = undefined;
    expectProblem(response, 500);
    expect(response.body).not.toMatch(/srv|EIO|at .*\.ts/);
    const lines = box.logLines.slice(before).filter((line) => line.includes('"level":50'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('EIO');
  });

  it('may be one that nobody expected', async () => {
    box.cameras.trouble = new TypeError('x of undefined in /srv/app.ts');
    const response = await addCamera(CAMERA);
    box.cameras.trouble = undefined;
    expectProblem(response, 500);
    expect(response.body).not.toContain('srv');
  });
});

it('logs method, route, status and time of a request, and nothing that a person typed', async () => {
  box.logLines.length = 0;
  await box.asOwner({
    method: 'POST',
    url: '/api/exports/ffffffffffffffffffffffffffffffff/file-access',
    payload: { password: 'typed-by-a-person' },
  });
  await box.asOwner({
    url: '/api/recordings?camera=0123456789abcdef&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
  });
  const text = box.logLines.join('');
  expect(text).not.toMatch(/typed|2026-01-01T00:00|0123456789abcdef|ffffff|cookie/);
  expect(text).not.toContain(box.cookie.split('=')[1] ?? 'no cookie');
  expect(box.logLines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    {
      method: 'POST',
      route: '/api/exports/:id/file-access',
      status: 404,
      ms: expect.any(Number) as number,
    },
    { method: 'GET', route: '/api/recordings', status: 200 },
  ]);
});
