/** Rights of programs: what each opens, what none opens, and how they end. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AccessTokens, MadeToken } from '../../../server/contract/tokens.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import { addTwoCameras, GARDEN, PORCH } from '../../fixtures/household-people.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
});
afterEach(() => box.close());

const snapshot = (id: string): string => `/api/cameras/${id}/snapshot`;

async function make(scope: string, camera?: string): Promise<MadeToken> {
  const payload = { name: 'Home', scope, ...(camera && { camera }), password: OWNER.password };
  const made = await box.asOwner({ method: 'POST', url: '/api/tokens', payload });
  expect(made.statusCode, made.body).toBe(201);
  return made.json<MadeToken>();
}

async function asks(token: string, url: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await box.send({ url, headers })).statusCode;
}

it('a picture of its camera once a second, and of no other', async () => {
  const { token } = await make('live-picture', PORCH);
  expect(await asks(token, snapshot(PORCH))).toBe(200);
  const headers = { authorization: `Bearer ${token}` };
  const refused = await box.send({ url: snapshot(PORCH), headers });
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
  // A second token of the same camera is the same door.
  const other = await make('live-picture', PORCH);
  expect(await asks(other.token, snapshot(PORCH))).toBe(429);
  await box.clock.advance(1_000);
  expect(await asks(other.token, snapshot(PORCH))).toBe(200);
  expect(await asks(token, snapshot(GARDEN))).toBe(401);
  expect(await asks(token, snapshot('constructor'))).toBe(401);
});

it('nothing else: no list, footage, doorstep, socket or setting', async () => {
  const tokens = [await make('live-picture', PORCH), await make('metrics')];
  const metrics = { token: box.base.metricsToken };
  for (const { token } of [...tokens, metrics]) {
    for (const url of [
      ...['/api/cameras', '/api/doorstep', '/api/exports', '/api/settings', '/api/people'],
      ...[`/api/cameras/${PORCH}/live`, `/api/playback/${PORCH}/7/3.mp4`, '/api/tokens'],
      ...[`/api/cameras/${PORCH}`, '/api/session', '/api/storage', '/api/backups', '/api/keys'],
    ]) {
      expect(await asks(token, url), url).toBe(401);
    }
  }
  expect(await asks(tokens[1]?.token ?? '', '/api/metrics')).toBe(200);
  expect(await asks(tokens[0]?.token ?? '', '/api/metrics')).toBe(401);
  expect(await asks(metrics.token, snapshot(PORCH))).toBe(401);
});

it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString', '', 'A'.repeat(43)])(
  'a token called %j is an ordinary refusal',
  async (token) => {
    expect(await asks(token, '/api/metrics')).toBe(401);
    expect(await asks(token, snapshot(PORCH))).toBe(401);
  },
);

it('is made with the password, shown once, listed with its use, and taken back at once', async () => {
  const wrong = { name: 'Home', scope: 'metrics', password: 'not the password' };
  const refused = await box.asOwner({ method: 'POST', url: '/api/tokens', payload: wrong });
  expect(refused.statusCode).toBe(401);
  const made = await make('live-picture', PORCH);
  await asks(made.token, snapshot(PORCH));
  const list = await box.asOwner({ url: '/api/tokens' });
  expect(list.body).not.toContain(made.token);
  expect(list.json<AccessTokens>().tokens).toEqual([
    expect.objectContaining({ id: 'file', scope: 'metrics', camera: null }),
    expect.objectContaining({
      id: made.id,
      camera: PORCH,
      lastUsedAt: expect.any(String) as string,
    }),
  ]);
  expect(box.base.auth.tokens.openDoors()).toEqual([
    expect.objectContaining({ name: 'Home', cameraId: PORCH }),
  ]);
  const url = `/api/tokens/${made.id}`;
  await box.clock.advance(2_000);
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(204);
  expect(await asks(made.token, snapshot(PORCH))).toBe(401);
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(404);
  expect(box.base.auth.tokens.openDoors()).toEqual([]);
});

it('the one in the data folder is replaced there', async () => {
  expect(await asks(box.base.metricsToken, '/api/metrics')).toBe(200);
  await box.asOwner({ method: 'DELETE', url: '/api/tokens/file' });
  expect(await asks(box.base.metricsToken, '/api/metrics')).toBe(401);
});

it.each([
  ['a live picture of no camera', { scope: 'live-picture' }, 422],
  [
    'a live picture of a camera that is not there',
    { scope: 'live-picture', camera: 'f'.repeat(16) },
    422,
  ],
  ['metrics of a camera', { scope: 'metrics', camera: PORCH }, 422],
  ['footage', { scope: 'footage' }, 400],
  ['a name that cannot be seen', { scope: 'metrics', name: '\u202e' }, 422],
])('%s is refused', async (_what, change, status) => {
  const payload = { name: 'Home', password: OWNER.password, ...change };
  const answer = await box.asOwner({ method: 'POST', url: '/api/tokens', payload });
  expect(answer.statusCode, answer.body).toBe(status);
});
