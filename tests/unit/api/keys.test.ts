import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';

const FOOTAGE =
  '/api/playback/00000000000000c1.m3u8?from=2026-01-01T12:00:00Z&to=2026-01-01T13:00:00Z';

let home: TestApi;

beforeEach(async () => {
  home = await TestApi.start();
});

afterEach(async () => {
  await home.close();
});

async function locked(): Promise<unknown> {
  return (await home.asOwner({ method: 'GET', url: '/api/session' })).json<{ locked: boolean }>()
    .locked;
}

function unlock(password: string) {
  return home.asOwner({ method: 'POST', url: '/api/unlock', payload: { password } });
}

describe('set-up', () => {
  it('answers the recovery key, once', async () => {
    const payload = { setupToken: home.base.setupToken, ...OWNER };
    const both = await Promise.all(
      [0, 1].map(() => home.send({ method: 'POST', url: '/api/setup', payload })),
    );
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
    const done = both.find(({ statusCode }) => statusCode === 201);
    expect(done?.json()).toMatchObject({ recoveryKey: home.base.keys.recoveryKey });
    expect(home.base.keys.generation).toBe(1);
  });

  it('makes no account where no key can be made', async () => {
    home.base.keys.trouble = new AppError('unavailable', 'The keys are not there.');
    const payload = { setupToken: home.base.setupToken, ...OWNER };
    const answer = await home.send({ method: 'POST', url: '/api/setup', payload });
    expect(answer.statusCode).toBe(503);
    expect(home.base.auth.isSetUp()).toBe(false);
  });
});

describe('a session', () => {
  beforeEach(async () => {
    await home.setUp();
  });

  it('is unlocked by signing in, and locked with all others', async () => {
    expect(await locked()).toBe(false);
    const first = home.cookie;
    await home.signIn();
    expect((await home.asOwner({ method: 'POST', url: '/api/lock' })).statusCode).toBe(204);
    expect(await locked()).toBe(true);
    const other = await home.send({
      ...{ method: 'GET', url: '/api/session', headers: { cookie: first } },
    });
    expect(other.json()).toMatchObject({ locked: true });
  });

  it('is unlocked by the right password alone', async () => {
    await home.asOwner({ method: 'POST', url: '/api/lock' });
    const wrong = await unlock('three odd wombat');
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json()).toMatchObject({ detail: 'The password is not right.' });
    expect(await locked()).toBe(true);
    expect((await unlock(OWNER.password)).statusCode).toBe(204);
    expect(await locked()).toBe(false);
  });

  it('is told when its password opens nothing', async () => {
    await home.asOwner({ method: 'POST', url: '/api/lock' });
    home.base.keys.passwords.clear();
    const answer = await unlock(OWNER.password);
    expect(answer.statusCode).toBe(409);
    expect(answer.json<{ hint: string }>().hint).toContain('recovery sheet');
  });

  it('may watch live when the keys do not open', async () => {
    home.base.keys.trouble = new AppError('unavailable', 'The keys are not there.');
    await home.signIn();
    expect(await locked()).toBe(true);
    expect((await home.asOwner({ method: 'GET', url: '/api/cameras' })).statusCode).toBe(200);
  });

  it('may watch live when no key can be made', async () => {
    home.base.keys.generation = 0;
    home.base.keys.trouble = new AppError('unavailable', 'The keys are not there.');
    await home.signIn();
    expect(await locked()).toBe(true);
  });

  it('that ends takes its unlock with it', async () => {
    expect(home.base.keys.unlocked.size).toBe(1);
    await home.asOwner({ method: 'DELETE', url: '/api/session' });
    expect(home.base.keys.unlocked.size).toBe(0);
  });

  it('of a box that was set up before footage was sealed makes the key, and shows it', async () => {
    home.base.keys.generation = 0;
    home.base.keys.passwords.clear();
    const answer = await home.send({ method: 'POST', url: '/api/session', payload: OWNER });
    expect(answer.json()).toMatchObject({ locked: false, recoveryKey: home.base.keys.recoveryKey });
  });
});

describe('stored footage', () => {
  it.each([
    ['a playlist', 'GET', FOOTAGE],
    ['a file of it', 'GET', '/api/playback/00000000000000c1/7/3.mp4'],
    ['an export', 'POST', '/api/exports'],
    ['the file of one', 'GET', '/api/exports/00000000000000000000000000000001/file'],
    ['New key', 'POST', '/api/keys'],
  ] as const)('answers 423 while it is locked: %s', async (_what, method, url) => {
    await home.setUp();
    await home.asOwner({ method: 'POST', url: '/api/lock' });
    const answer = await home.asOwner({ method, url, ...(method === 'POST' && { payload: {} }) });
    expect(answer.statusCode).toBe(423);
    expect(answer.json()).toMatchObject({
      detail: 'Locked. Live goes on; the past opens with your password.',
      hint: 'Unlock with your password, then ask again.',
    });
  });

  it.each(['/api/cameras', '/api/exports', '/api/storage', '/api/keys'])(
    'is not what %s shows',
    async (url) => {
      await home.setUp();
      await home.asOwner({ method: 'POST', url: '/api/lock' });
      expect((await home.asOwner({ method: 'GET', url })).statusCode).toBe(200);
    },
  );
});

describe('the recovery sheet', () => {
  const newPassword = 'four even wombats';

  beforeEach(async () => {
    await home.setUp();
  });

  function recover(change: object = {}) {
    const { recoveryKey } = home.base.keys;
    const payload = { username: OWNER.username, recoveryKey, newPassword, ...change };
    return home.send({ method: 'POST', url: '/api/recovery', payload });
  }

  it('replaces a lost password and signs out everywhere', async () => {
    expect((await recover()).statusCode).toBe(204);
    expect((await home.asOwner({ method: 'GET', url: '/api/session' })).statusCode).toBe(401);
    const old = await home.send({ method: 'POST', url: '/api/session', payload: OWNER });
    expect(old.statusCode).toBe(401);
    const payload = { username: OWNER.username, password: newPassword };
    const renewed = await home.send({ method: 'POST', url: '/api/session', payload });
    expect(renewed.json()).toMatchObject({ locked: false });
  });

  it('tells nobody whether the name or the key was wrong', async () => {
    const wrongKey = await recover({ recoveryKey: 'AGE-SECRET-KEY-1NOT' });
    const wrongName = await recover({ username: 'Bob' });
    expect([wrongKey.statusCode, wrongName.statusCode]).toEqual([401, 401]);
    expect(wrongKey.json()).toEqual(wrongName.json());
  });

  it('sets no password that will not do', async () => {
    expect((await recover({ newPassword: 'short' })).statusCode).toBe(422);
  });

  it('is tried so often and no more', async () => {
    let status = 0;
    for (let time = 0; time < 30 && status !== 429; time += 1) {
      status = (await recover({ recoveryKey: 'AGE-SECRET-KEY-1NOT' })).statusCode;
    }
    expect(status).toBe(429);
    // The right one is not even looked at now.
    expect((await recover()).statusCode).toBe(429);
  });

  it('counts no try that the box itself could not look at', async () => {
    home.base.keys.trouble = new AppError('unavailable', 'The keys are not there.');
    for (let time = 0; time < 30; time += 1) expect((await recover()).statusCode).toBe(503);
    home.base.keys.trouble = undefined;
    expect((await recover()).statusCode).toBe(204);
  });

  it('is another one after New key, for which the password is asked', async () => {
    const ask = (password: string) =>
      home.asOwner({ method: 'POST', url: '/api/keys', payload: { password } });
    expect((await ask('wrong')).statusCode).toBe(401);
    const before = home.base.keys.recoveryKey;
    const answer = await ask(OWNER.password);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ recoveryKey: home.base.keys.recoveryKey });
    expect(home.base.keys.recoveryKey).not.toBe(before);
    const holders = await home.asOwner({ method: 'GET', url: '/api/keys' });
    expect(holders.json()).toEqual({
      ...{ generation: 2, holders: [OWNER.username], keptPhones: [] },
    });
  });
});

describe('a kept phone', () => {
  const KEPT = '/api/unlock';

  beforeEach(async () => {
    await home.setUp();
  });

  function post(payload: object, kept?: string) {
    const cookie = kept === undefined ? home.cookie : `${home.cookie}; ${kept}`;
    return home.send({ method: 'POST', url: KEPT, payload, headers: { cookie } });
  }

  /** Keeps this browser unlocked; answers its cookie and its id. */
  async function keep(): Promise<{ kept: string; id: string }> {
    const made = await post({ password: OWNER.password, keepAs: 'Sam’s phone' });
    expect(made.statusCode).toBe(201);
    const [header = ''] = [made.headers['set-cookie'] ?? []].flat();
    expect(header).toMatch(
      /^doorkeep-kept=[\w-]{43}; Max-Age=7776000; Path=\/api\/unlock; HttpOnly; SameSite=Strict$/,
    );
    return { kept: header.split(';')[0] ?? '', id: made.json<{ id: string }>().id };
  }

  async function session(): Promise<unknown> {
    return (await home.asOwner({ url: '/api/session' })).json();
  }

  it('is made by a right password alone, and listed', async () => {
    const wrong = await post({ password: 'three odd wombat', keepAs: 'phone' });
    expect([wrong.statusCode, wrong.headers['set-cookie']]).toEqual([401, undefined]);
    const { id } = await keep();
    const { keptPhones } = (await home.asOwner({ url: '/api/keys' })).json<{
      keptPhones: unknown;
    }>();
    expect(keptPhones).toMatchObject([{ id, name: 'Sam’s phone', user: OWNER.username }]);
  });

  it('unlocks without a password, after a lock when its person presses', async () => {
    const { kept } = await keep();
    home.base.keys.unlocked.clear();
    expect((await post({ kept: 'silently' }, kept)).statusCode).toBe(204);
    expect(await session()).toMatchObject({ locked: false });
    await home.asOwner({ method: 'POST', url: '/api/lock' });
    const silent = await post({ kept: 'silently' }, kept);
    expect([silent.statusCode, silent.json()]).toMatchObject([423, { reason: 'press-first' }]);
    expect(await session()).toMatchObject({ locked: true });
    expect((await post({ kept: 'pressed' }, kept)).statusCode).toBe(204);
    expect(await session()).toMatchObject({ locked: false });
  });

  it('opens nothing once it was taken off the list, and its cookie goes', async () => {
    const { kept, id } = await keep();
    const url = `/api/keys/phones/${id}`;
    expect((await home.asOwner({ method: 'DELETE', url })).statusCode).toBe(204);
    expect((await home.asOwner({ method: 'DELETE', url })).statusCode).toBe(404);
    const refused = await post({ kept: 'pressed' }, kept);
    expect([refused.statusCode, refused.json()]).toMatchObject([409, { reason: 'not-kept' }]);
    expect(refused.headers['set-cookie']).toMatch(
      /^doorkeep-kept=; Max-Age=0; Path=\/api\/unlock; /,
    );
  });

  it('is put back by who took it off, once, and waits for a press then', async () => {
    const { kept, id } = await keep();
    const url = `/api/keys/phones/${id}`;
    expect((await home.asOwner({ method: 'POST', url })).statusCode).toBe(404);
    await home.asOwner({ method: 'DELETE', url });
    expect((await home.send({ method: 'POST', url })).statusCode).toBe(401);
    expect((await home.asOwner({ method: 'POST', url })).statusCode).toBe(204);
    expect((await home.asOwner({ method: 'POST', url })).statusCode).toBe(404);
    expect((await post({ kept: 'silently' }, kept)).json()).toMatchObject({
      reason: 'press-first',
    });
    expect((await post({ kept: 'pressed' }, kept)).statusCode).toBe(204);
  });

  it('needs its session too', async () => {
    const { kept } = await keep();
    const headers = { cookie: kept };
    const answer = await home.send({
      method: 'POST',
      url: KEPT,
      payload: { kept: 'pressed' },
      headers,
    });
    expect(answer.statusCode).toBe(401);
  });

  it.each([
    {},
    { kept: 'silently', keepAs: 'x' },
    { password: 'x', kept: 'silently' },
    { keepAs: 'x' },
  ])('is asked for in one way: not %j', async (payload) => {
    expect((await post(payload)).statusCode).toBe(400);
  });
});
