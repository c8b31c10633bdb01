import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LightMyRequestResponse } from 'fastify';
import { cookieOf, OWNER, TestApi } from '../../doubles/test-api.ts';

let box: TestApi;
beforeEach(async () => {
  box = await TestApi.start();
});
afterEach(() => box.close());

function post(url: string, payload: object, headers = {}): Promise<LightMyRequestResponse> {
  return box.send({ method: 'POST', url, payload, headers });
}

describe('before and after set-up', () => {
  it('health says which, and nothing about the home', async () => {
    const health = async (): Promise<unknown> => (await box.send({ url: '/api/health' })).json();
    expect(await health()).toEqual({ status: 'ok', version: '1.2.3', setUp: false });
    await box.setUp();
    expect(await health()).toEqual({ status: 'ok', version: '1.2.3', setUp: true });
  });

  it('works once', async () => {
    const payload = { setupToken: box.base.setupToken, ...OWNER };
    const first = await post('/api/setup', payload);
    expect(first.statusCode).toBe(201);
    const { recoveryKey } = box.base.keys;
    expect(first.json()).toEqual({ user: 'Ada', role: 'owner', recoveryKey });
    expect(first.headers['set-cookie']).toBeUndefined();
    const second = await post('/api/setup', payload);
    expect(second.statusCode).toBe(409);
    expect(second.json()).toMatchObject({ reason: 'already-set-up' });
  });

  it.each([
    ['a wrong code', { setupToken: 'x' }, 401],
    ['a weak password', { password: 'password' }, 422],
    ['a name that cannot be seen', { username: '\u200b' }, 422],
    ['an unknown field', { role: 'owner' }, 400],
    ['no code', { setupToken: undefined }, 400],
  ])('refuses %s', async (_what, change, status) => {
    const payload = { setupToken: box.base.setupToken, ...OWNER, ...change };
    const response = await post('/api/setup', payload);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status });
    expect(response.body).not.toContain(box.base.setupToken);
  });

  it('asks who cannot be signed in yet to set the box up', async () => {
    const response = await box.send({ url: '/api/session' });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ hint: 'Set the box up first.' });
  });
});

describe('the session', () => {
  beforeEach(() => box.setUp());

  it('is a cookie that scripts cannot read and other sites cannot send', async () => {
    const response = await post('/api/session', OWNER);
    expect(response.json()).toEqual({
      user: 'Ada',
      role: 'owner',
      mayExport: true,
      locked: false,
      liveOnly: false,
    });
    expect(response.headers['set-cookie']).toMatch(
      /^doorkeep=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(response.headers['strict-transport-security']).toBeUndefined();
  });

  it('says who it is, and ends', async () => {
    const whoAmI = await box.asOwner({ url: '/api/session' });
    expect(whoAmI.json()).toEqual({
      user: 'Ada',
      role: 'owner',
      mayExport: true,
      locked: false,
      liveOnly: false,
    });
    const out = await box.asOwner({ method: 'DELETE', url: '/api/session' });
    expect(out.statusCode).toBe(204);
    expect(out.headers['set-cookie']).toMatch(/^doorkeep=; Max-Age=0; Path=\/; /);
    expect((await box.asOwner({ url: '/api/session' })).statusCode).toBe(401);
    expect((await box.asOwner({ method: 'DELETE', url: '/api/session' })).statusCode).toBe(401);
  });

  it('changes at each sign-in, and the old one is worth nothing', async () => {
    const old = box.cookie;
    const response = await post('/api/session', OWNER, { cookie: old });
    expect(cookieOf(response)).not.toBe(old);
    expect((await box.asOwner({ url: '/api/session' })).statusCode).toBe(401);
  });

  it('is not one that somebody made up', async () => {
    for (const cookie of ['doorkeep=constructor', 'doorkeep=', 'doorkeep', '__proto__=x', ';;=;']) {
      const response = await box.send({ url: '/api/session', headers: { cookie } });
      expect(response.statusCode, cookie).toBe(401);
    }
  });

  it('is refused the same way for a wrong name and a wrong password; then 429', async () => {
    const answers = new Set<string>();
    for (const username of ['Ada', 'nobody', 'constructor', '__proto__']) {
      const response = await post('/api/session', { username, password: 'wrong' });
      expect(response.statusCode).toBe(401);
      expect(response.headers['set-cookie']).toBeUndefined();
      answers.add(response.body);
    }
    expect(answers.size).toBe(1);
    for (let i = 0; i < 4; i += 1) {
      await post('/api/session', { username: 'Ada', password: 'wrong' });
    }
    const limited = await post('/api/session', OWNER);
    expect(limited.statusCode).toBe(429);
    expect(limited.headers['retry-after']).toBe('60');
    expect(limited.json()).toMatchObject({ hint: 'Wait 60 s, then try again.' });
    await box.clock.advance(60_000);
    expect((await post('/api/session', OWNER)).statusCode).toBe(200);
  });

  it('never meets a limit when it is right', async () => {
    for (let i = 0; i < 40; i += 1) {
      expect((await post('/api/session', OWNER)).statusCode).toBe(200);
    }
  });

  it('tells a crowd to come back', async () => {
    const all = await Promise.all(Array.from({ length: 15 }, () => post('/api/session', OWNER)));
    const busy = all.filter((response) => response.statusCode === 503);
    // The limiter lets five through at once for one name and address; nobody gets further.
    const limited = all.filter((response) => response.statusCode === 429);
    expect(busy.length + limited.length).toBeGreaterThan(0);
    expect(busy.concat(limited).every(({ headers }) => headers['retry-after'] !== undefined)).toBe(
      true,
    );
  });
});

describe('a request from elsewhere', () => {
  beforeEach(() => box.setUp());

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { host: 'evil.example' },
  ])('with %j is a 403, and changes nothing', async (headers) => {
    const response = await box.asOwner({ method: 'DELETE', url: '/api/session', headers });
    expect(response.statusCode).toBe(403);
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
    expect((await box.asOwner({ url: '/api/session' })).statusCode).toBe(200);
  });

  it('gets no leave from a preflight', async () => {
    const headers = {
      origin: 'http://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const response = await box.send({ method: 'OPTIONS', url: '/api/session', headers });
    expect(response.statusCode).toBe(403);
    expect(Object.keys(response.headers).join()).not.toContain('access-control');
  });

  it('from a public address is a 403', async () => {
    const response = await box.send({ url: '/api/health', remoteAddress: '203.0.113.7' });
    expect(response.statusCode).toBe(403);
    const forwarded = await box.send({
      url: '/api/health',
      remoteAddress: '203.0.113.7',
      headers: { 'x-forwarded-for': '127.0.0.1' },
    });
    expect(forwarded.statusCode).toBe(403);
  });

  it('by a name of this box is fine', async () => {
    const headers = { host: 'doorbox.local:8080', origin: 'http://doorbox.local:8080' };
    const response = await box.send({
      method: 'POST',
      url: '/api/session',
      payload: OWNER,
      headers,
    });
    expect(response.statusCode).toBe(200);
  });
});

it('tells browsers what they may do with every answer', async () => {
  for (const url of ['/api/health', '/api/session', '/nothing']) {
    const { headers } = await box.send({ url });
    expect(headers['content-security-policy']).toMatch(
      /default-src 'self'.*frame-ancestors 'none'/,
    );
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
  }
});

describe('metrics', () => {
  const withToken = (authorization: string): Promise<LightMyRequestResponse> =>
    box.send({ url: '/api/metrics', headers: { authorization } });

  it('are for the owner and for the bearer of the token', async () => {
    await box.setUp();
    const asOwner = await box.asOwner({ url: '/api/metrics' });
    expect(asOwner.statusCode).toBe(200);
    expect(asOwner.headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(asOwner.body).toBe('up 1\n');
    expect((await withToken(`Bearer ${box.base.metricsToken}`)).body).toBe('up 1\n');
  });

  it.each(['', 'Bearer', 'Bearer ', 'Bearer x', 'Basic x', 'Bearer x y', 'Bearer \u00e9'])(
    'are not for %j',
    async (authorization) => {
      const response = await withToken(authorization);
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="metrics"');
    },
  );

  it('are all that the token opens', async () => {
    const headers = { authorization: `Bearer ${box.base.metricsToken}` };
    for (const url of ['/api/session', '/api/cameras', '/api/exports']) {
      expect((await box.send({ url, headers })).statusCode).toBe(401);
    }
  });
});
