import type { RouteOptions } from 'fastify';
import { Type } from '@sinclair/typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRoute, IdParams, NoQuery, PROBLEMS } from '../../../server/api/route-rules.ts';
import { CAMERA_TEST } from '../../doubles/fake-services.ts';
import { TestApi } from '../../doubles/test-api.ts';

/** What the description says of a route, as far as it is looked at here. */
interface DescribedRoute {
  readonly security: readonly Record<string, unknown>[];
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

describe('a route', () => {
  const whole = {
    method: 'POST',
    url: '/api/things/:id',
    handler: () => undefined,
    config: { access: 'owner', object: { is: 'box' } },
    schema: { querystring: NoQuery, params: IdParams, body: Type.Null(), response: PROBLEMS },
  } as const;

  it('that says everything is taken', () => {
    expect(() => {
      checkRoute(whole);
    }).not.toThrow();
  });

  it.each([
    ['who may use it', { config: {} }],
    ['who may use it', { config: undefined }],
    ['who may use it', { config: { access: 'everybody' } }],
    ['who may use it', { config: { access: 'constructor' } }],
    ['its query', { schema: { ...whole.schema, querystring: undefined } }],
    ['its params', { schema: { ...whole.schema, params: undefined } }],
    ['its body', { schema: { ...whole.schema, body: undefined } }],
    ['whose id is', { config: { access: 'owner' } }],
    ['that it is for the owner alone', { config: { ...whole.config, access: 'member' } }],
    ['that it is the page', { config: { access: 'owner', object: { is: 'page' } } }],
    ['its camera', { config: { access: 'owner', object: { is: 'camera', named: 'camera' } } }],
    ['its answers', { schema: { ...whole.schema, response: undefined } }],
    ['its query', { schema: undefined }],
  ])('that does not declare %s is refused', (what, change) => {
    expect(() => {
      checkRoute({ ...whole, ...change } as unknown as RouteOptions);
    }).toThrow(what);
  });
});

describe('the server', () => {
  let box: TestApi;
  beforeEach(async () => {
    box = await TestApi.start();
  });
  afterEach(() => box.close());

  it('does not take a route that declares no access', () => {
    expect(() => box.api.get('/api/leak', () => 'x')).toThrow(/access|started|listening/i);
  });

  it('has exactly these routes, with this access', async () => {
    const described = (await box.send({ url: '/api/openapi.json' })).json<{
      paths: Record<string, Record<string, { security: Record<string, unknown>[] }>>;
    }>();
    const routes = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { security }]) =>
          `${method.toUpperCase()} ${path} ${security.map((one) => Object.keys(one).join()).join('|')}`,
      ),
    );
    expect(routes.map((route) => route.trim()).sort()).toEqual(
      [
        'GET /api/health',
        'GET /api/openapi.json',
        'POST /api/setup',
        'POST /api/session',
        'GET /api/session session',
        'DELETE /api/session session',
        'POST /api/session/live-only session',
        'POST /api/session/password session',
        'GET /api/people session',
        'PATCH /api/people/{id} session',
        'DELETE /api/people/{id} session',
        'POST /api/people/{id}/invitation session',
        'POST /api/invitations session',
        'DELETE /api/invitations/{id} session',
        'POST /api/invitations/look',
        'POST /api/invitations/claim',
        'GET /api/tokens session',
        'POST /api/tokens session',
        'DELETE /api/tokens/{id} session',
        'POST /api/lock session',
        'POST /api/unlock session',
        'POST /api/recovery',
        'GET /api/keys session',
        'POST /api/keys session',
        'DELETE /api/keys/phones/{id} session',
        'POST /api/keys/phones/{id} session',
        'GET /api/cameras session',
        'POST /api/cameras session',
        'POST /api/cameras/test session',
        'GET /api/cameras/{id} session',
        'PATCH /api/cameras/{id} session',
        'DELETE /api/cameras/{id} session',
        'GET /api/cameras/{id}/snapshot session|pictureToken',
        'GET /api/cameras/{id}/live session',
        'GET /api/doorstep session',
        'GET /api/doorstep/{id}/picture session',
        'GET /api/doorstep/{id}/clip session',
        'GET /api/recordings session',
        'GET /api/playback/{cameraId}.m3u8 session',
        'GET /api/playback/{cameraId}/{runId}/{sequence}.mp4 session',
        'GET /api/storage session',
        'GET /api/storage/days session',
        'PUT /api/storage/keep/{cameraId} session',
        'GET /api/storage/keep/{cameraId}/preview session',
        'GET /api/protected session',
        'POST /api/protected session',
        'DELETE /api/protected/{id} session',
        'GET /api/exports session',
        'POST /api/exports session',
        'GET /api/exports/{id} session',
        'DELETE /api/exports/{id} session',
        'POST /api/exports/{id}/file-access session',
        'GET /api/exports/{id}/file session',
        'GET /api/metrics session|metricsToken',
        'GET /api/privacy session',
        'POST /api/privacy/try session',
        'GET /api/settings session',
        'PATCH /api/settings session',
        'GET /api/first-steps session',
        'PATCH /api/first-steps session',
        'GET /api/clock session',
        'POST /api/clock session',
        'GET /api/program session',
        'GET /ca.crt',
        'GET /api/backups session',
        'POST /api/backups session',
        'GET /api/backups/{id}/file session',
        'POST /api/restores',
        'POST /api/restores/{id}/pieces',
        'POST /api/restores/{id}',
        'GET /api/audit session',
        'GET /api/audit/head session',
        'GET /api/audit/verification session',
        'POST /api/audit/verification session',
        'DELETE /api/audit/verification session',
        'GET /api/presence session',
      ].sort(),
    );
  });

  it('answers with pictures on these routes and no others, one of them for a token', async () => {
    const described = (await box.send({ url: '/api/openapi.json' })).json<{
      paths: Record<string, Record<string, DescribedRoute>>;
    }>();
    const pictures = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap(({ responses, security }) => {
        const types = Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {}));
        if (!types.some((type) => /^(image|video|audio)\//.test(type))) return [];
        return `${path} ${security.map((one) => Object.keys(one).join()).join('|')}`;
      }),
    );
    // Beside them: a WebSocket (/api/cameras/{id}/live), and a picture in the JSON of a camera test.
    expect(pictures.sort()).toEqual([
      '/api/cameras/{id}/snapshot session|pictureToken',
      '/api/doorstep/{id}/clip session',
      '/api/doorstep/{id}/picture session',
      '/api/exports/{id}/file session',
      '/api/playback/{cameraId}/{runId}/{sequence}.mp4 session',
    ]);
  });

  it('keeps every route that needs somebody closed, before it reads a body', async () => {
    await box.setUp();
    const described = (await box.send({ url: '/api/openapi.json' })).json<{
      paths: Record<string, Record<string, { security: unknown[] }>>;
    }>();
    let checked = 0;
    for (const [path, methods] of Object.entries(described.paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        if (security.length === 0) continue;
        const response = await box.send({
          method: method.toUpperCase() as 'GET',
          url: path.replace('{id}', '0'.repeat(16)),
          // Were the body read first, this would be a 400 or a 415.
          headers: method === 'get' ? {} : { 'content-type': 'text/plain' },
          ...(method === 'get' ? {} : { payload: '{' }),
        });
        expect(response.statusCode, `${method} ${path}`).toBe(401);
        expect(response.headers['www-authenticate']).toBeDefined();
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(15);
  });

  it('answers 409 to a second set-up before it reads the body', async () => {
    await box.setUp();
    const response = await box.send({
      method: 'POST',
      url: '/api/setup',
      headers: { 'content-type': 'text/plain' },
      payload: '{',
    });
    expect(response.statusCode).toBe(409);
  });

  it('never shows more than a schema says', async () => {
    await box.setUp();
    box.cameras.cameras.set('0'.repeat(16), {
      id: '0'.repeat(16),
      name: 'x',
      source: { type: 'rtsp', url: 'rtsp://10.0.0.9/', password: 'leaked' } as never,
      sound: false,
      enabled: true,
      position: 0,
      state: 'online',
      video: CAMERA_TEST.main.video,
      audio: null,
      createdAt: '2026-01-01T12:00:00.000Z',
    });
    const response = await box.asOwner({ url: '/api/cameras' });
    expect(response.statusCode).toBe(200);
    expect(response.body).not.toContain('leaked');
    expect(response.json()).toMatchObject({ cameras: [{ audio: null, video: { codec: 'h264' } }] });
  });
});
