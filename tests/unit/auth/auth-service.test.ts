import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../../server/auth/auth-service.ts';
import { tokenHash } from '../../../server/auth/random-token.ts';
import { SESSIONS_PER_PERSON_MAX } from '../../../server/auth/sessions.ts';
import { sessionByTokenHash } from '../../../server/storage/sessions.ts';
import { userByName } from '../../../server/storage/users.ts';
import { OWNER, startTestAuth, type TestAuth } from '../../doubles/test-api.ts';

const HOME = '192.168.1.20';
const DAY_MS = 86_400_000;

let box: TestAuth;
beforeEach(async () => {
  box = await startTestAuth();
});
afterEach(() => {
  box.close();
});

/** A new copy each time: whoever is given a password zeroes it. */
function owner(): { username: string; password: Buffer } {
  return { username: OWNER.username, password: Buffer.from(OWNER.password) };
}

function setUp(): Promise<unknown> {
  return box.auth.setUp({ setupToken: box.setupToken, ...owner() }, HOME);
}

async function signIn(previous?: string): Promise<string> {
  return (await box.auth.signIn(owner(), HOME, previous)).token;
}

function identify(token: string): Identity {
  const identity = box.auth.identify(token);
  if (identity === undefined) throw new Error('not signed in');
  return identity;
}

describe('set-up of a box whose accounts were lost', () => {
  const setUpWith = (change: {
    password?: string;
    recoveryKey?: string;
    startAnew?: boolean;
  }): Promise<unknown> => {
    const { password = OWNER.password, recoveryKey, startAnew } = change;
    const secretBytes = {
      password: Buffer.from(password),
      recoveryKey: recoveryKey === undefined ? undefined : Buffer.from(recoveryKey),
    };
    return box.auth.setUp(
      { setupToken: box.setupToken, username: OWNER.username, ...secretBytes, startAnew },
      HOME,
    );
  };

  beforeEach(async () => {
    await box.keys.create(7, Buffer.from(OWNER.password));
    box.hasFootage = true;
  });

  it('goes on with the password it had; the sheet stays right', async () => {
    const { generation } = box.keys;
    expect(await setUpWith({})).toEqual({
      ...{ username: OWNER.username, role: 'owner', recoveryKey: undefined },
    });
    expect(userByName(box.db, OWNER.username)?.id).toBe(7);
    expect(box.keys.generation).toBe(generation);
  });

  it('goes on with the recovery key, and a new password', async () => {
    const { recoveryKey } = box.keys;
    const password = 'seven new wombats';
    await expect(setUpWith({ password, recoveryKey: 'AGE-SECRET-KEY-1NO' })).rejects.toMatchObject({
      ...{ kind: 'unauthenticated', reason: 'wrong-recovery-key' },
    });
    expect(await setUpWith({ password, recoveryKey: ` ${recoveryKey} ` })).toMatchObject({
      recoveryKey: undefined,
    });
  });

  it('refuses another password, keeps the code, and makes a new household only when told to', async () => {
    const other = { password: 'quite another one' };
    await expect(setUpWith(other)).rejects.toMatchObject({ reason: 'household-there' });
    expect(box.auth.isSetUp()).toBe(false);
    expect(existsSync(join(box.folder, 'setup-token'))).toBe(true);
    expect(await setUpWith({ ...other, startAnew: true })).toMatchObject({
      recoveryKey: Buffer.from(box.keys.recoveryKey),
    });
  });

  it('makes a new household where no footage is: a set-up that was cut off', async () => {
    box.hasFootage = false;
    expect(await setUpWith({})).toMatchObject({ recoveryKey: Buffer.from(box.keys.recoveryKey) });
  });
});

describe('set-up', () => {
  it('makes the owner, once, and removes the code', async () => {
    expect(box.auth.isSetUp()).toBe(false);
    const done = await setUp();
    const recoveryKey = Buffer.from(box.keys.recoveryKey);
    expect(done).toEqual({ username: 'Ada', role: 'owner', recoveryKey });
    expect(box.auth.isSetUp()).toBe(true);
    expect(existsSync(join(box.folder, 'setup-token'))).toBe(false);
    await expect(setUp()).rejects.toMatchObject({ kind: 'conflict' });
    expect(await box.auth.start()).toBeUndefined();
  });

  it('stores argon2id and neither the password nor the code', async () => {
    await setUp();
    expect(userByName(box.db, 'ada')?.passwordHash).toMatch(/^\$argon2id\$/);
  });

  it('makes one owner out of two that come at once', async () => {
    const results = await Promise.allSettled([setUp(), setUp(), setUp()]);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(results.filter((result) => result.status === 'rejected')).toMatchObject([
      { reason: { kind: 'conflict' } },
      { reason: { kind: 'conflict' } },
    ]);
  });

  it('refuses a wrong code, and slows guessing down', async () => {
    const wrong = (): Promise<unknown> =>
      box.auth.setUp({ ...owner(), setupToken: 'x'.repeat(43) }, HOME);
    for (let i = 0; i < 5; i += 1) {
      await expect(wrong()).rejects.toMatchObject({ kind: 'unauthenticated' });
    }
    await expect(wrong()).rejects.toMatchObject({ kind: 'throttled' });
    expect(box.auth.isSetUp()).toBe(false);
  });

  it('keeps the code when the password is refused', async () => {
    const input = { ...owner(), setupToken: box.setupToken, password: Buffer.from('password') };
    await expect(box.auth.setUp(input, HOME)).rejects.toMatchObject({ kind: 'unprocessable' });
    await setUp();
    expect(box.auth.isSetUp()).toBe(true);
  });

  it('removes at the next start what a crash left of the code', async () => {
    await setUp();
    await writeFile(join(box.folder, 'setup-token'), box.setupToken, { mode: 0o600 });
    expect(await box.auth.start()).toBeUndefined();
    expect(await readdir(box.folder)).not.toContain('setup-token');
  });
});

describe('signing in', () => {
  beforeEach(setUp);

  it('knows who it is, by any spelling of the name', async () => {
    for (const username of ['Ada', 'ada', ' ADA ']) {
      const { token } = await box.auth.signIn({ ...owner(), username }, HOME, undefined);
      expect(identify(token)).toMatchObject({ username: 'Ada', role: 'owner', userId: 1 });
    }
  });

  it('says the same about a wrong name and a wrong password', async () => {
    const claims = [
      { username: 'Ada', password: 'wrong' },
      { username: 'Nobody', password: OWNER.password },
      { username: 'constructor', password: OWNER.password },
      { username: '__proto__', password: OWNER.password },
      { username: 'Ada', password: 'x'.repeat(1000) },
    ];
    const messages = new Set<string>();
    for (const { username, password } of claims) {
      const claim = { username, password: Buffer.from(password) };
      const error: unknown = await box.auth.signIn(claim, HOME, undefined).catch((e: unknown) => e);
      expect(error).toMatchObject({ kind: 'unauthenticated', reason: 'wrong-password' });
      messages.add(JSON.stringify(error) + String(error));
    }
    expect(messages.size).toBe(1);
  });

  it('stores the hash of the token only', async () => {
    const token = await signIn();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sessionByTokenHash(box.db, tokenHash(token))).toBeDefined();
    expect(sessionByTokenHash(box.db, Buffer.from(token, 'base64url'))).toBeUndefined();
  });

  it('ends the session that the browser had before', async () => {
    const first = await signIn();
    const second = await signIn(first);
    expect(second).not.toBe(first);
    expect(box.auth.identify(first)).toBeUndefined();
    identify(second);
    const other = await signIn();
    identify(second);
    identify(other);
  });

  it('keeps an old session when signing in again goes wrong', async () => {
    const token = await signIn();
    const wrong = box.auth.signIn({ ...owner(), password: Buffer.from('wrong') }, HOME, token);
    await expect(wrong).rejects.toMatchObject({ kind: 'unauthenticated' });
    identify(token);
  });

  it('ends at signing out', async () => {
    const token = await signIn();
    box.auth.signOut(token);
    expect(box.auth.identify(token)).toBeUndefined();
    box.auth.signOut(token);
    box.auth.signOut('constructor');
  });

  it.each([undefined, '', 'constructor', '__proto__', 'x'.repeat(43), 'é'.repeat(43), '\0'])(
    'nobody is signed in with %j',
    (token) => {
      expect(box.auth.identify(token)).toBeUndefined();
    },
  );

  it('is throttled for this address alone after five failures, and right again later', async () => {
    const wrong = { ...owner(), password: Buffer.from('wrong') };
    for (let i = 0; i < 5; i += 1) {
      await expect(box.auth.signIn(wrong, HOME, undefined)).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
    }
    await expect(box.auth.signIn(owner(), HOME, undefined)).rejects.toMatchObject({
      kind: 'throttled',
    });
    await box.auth.signIn(owner(), '192.168.1.21', undefined);
    await box.clock.advance(60_000);
    await signIn();
  });

  it('does not count being too busy as a failure', async () => {
    const crowd = Array.from({ length: 15 }, (_, i) =>
      box.auth.signIn(owner(), `192.168.2.${String(i)}`, undefined),
    );
    const results = await Promise.allSettled(crowd);
    const busy = results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []));
    expect(busy.length).toBeGreaterThan(0);
    const address = `192.168.2.${String(busy[0])}`;
    for (let i = 0; i < 6; i += 1) await box.auth.signIn(owner(), address, undefined);
  });
});

describe('a session', () => {
  beforeEach(setUp);

  it('ends after a week without a request', async () => {
    const token = await signIn();
    await box.clock.advance(6 * DAY_MS);
    identify(token);
    await box.clock.advance(6 * DAY_MS);
    identify(token);
    await box.clock.advance(7 * DAY_MS);
    expect(box.auth.identify(token)).toBeUndefined();
  });

  it('ends after a month, however busy', async () => {
    const token = await signIn();
    for (let day = 0; day < 29; day += 1) {
      await box.clock.advance(DAY_MS);
      identify(token);
    }
    await box.clock.advance(DAY_MS);
    expect(box.auth.identify(token)).toBeUndefined();
    expect(sessionByTokenHash(box.db, tokenHash(token))).toBeUndefined();
  });

  it('writes that it was seen once a minute, not once a request', async () => {
    const token = await signIn();
    const seen = (): number | undefined => sessionByTokenHash(box.db, tokenHash(token))?.seenMs;
    const before = seen();
    await box.clock.advance(30_000);
    identify(token);
    expect(seen()).toBe(before);
    await box.clock.advance(30_000);
    identify(token);
    expect(seen()).toBe((before ?? 0) + 60_000);
  });

  it('is cleared away by a later sign-in', async () => {
    const token = await signIn();
    await box.clock.advance(8 * DAY_MS);
    await signIn();
    expect(sessionByTokenHash(box.db, tokenHash(token))).toBeUndefined();
  });
});

it('a session that ends while its password is looked at unlocks nothing', async () => {
  await setUp();
  const token = await signIn();
  await box.auth.lock();
  const unlocking = box.auth.unlock(identify(token), { password: owner().password }, HOME);
  box.auth.signOut(token);
  await expect(unlocking).rejects.toMatchObject({ kind: 'conflict' });
  expect(box.keys.unlocked.size).toBe(0);
});

describe('a lock while a password is looked at', () => {
  beforeEach(setUp);

  it('is not undone by an unlock that was asked for before it', async () => {
    const me = identify(await signIn());
    await box.auth.lock();
    const unlocking = [0, 1].map(() => box.auth.unlock(me, { password: owner().password }, HOME));
    const outcomes = Promise.allSettled(unlocking);
    await box.auth.lock();
    expect(await outcomes).toMatchObject([
      { status: 'rejected', reason: { kind: 'locked' } },
      { status: 'rejected', reason: { kind: 'locked' } },
    ]);
    expect(box.keys.unlocked.size).toBe(0);
    await box.auth.unlock(me, { password: owner().password }, HOME);
    expect(box.auth.isLocked(me)).toBe(false);
  });

  it('is not undone by a sign-in that was under way', async () => {
    const signingIn = box.auth.signIn(owner(), HOME, undefined);
    await box.auth.lock();
    expect(await signingIn).toMatchObject({ locked: true });
    expect(box.keys.unlocked.size).toBe(0);
  });
});

describe('the password asked again', () => {
  const ID = 'a'.repeat(32);
  beforeEach(setUp);

  it('opens one file for this session for 15 minutes', async () => {
    const me = identify(await signIn());
    const other = identify(await signIn());
    const refused = expect.objectContaining({
      kind: 'forbidden',
      reason: 'password-needed',
    }) as Error;
    const check = (who: Identity, id: string) => () => {
      box.auth.assertFileGranted(who, id);
    };
    expect(check(me, ID)).toThrow(refused);
    await box.auth.confirmPassword(me, owner().password, HOME);
    box.auth.grantFile(me, ID);
    expect(check(me, ID)).not.toThrow();
    expect(check(other, ID)).toThrow(refused);
    expect(check(me, 'b'.repeat(32))).toThrow(refused);
    await box.clock.advance(15 * 60_000 - 1);
    expect(check(me, ID)).not.toThrow();
    await box.clock.advance(1);
    expect(check(me, ID)).toThrow(refused);
  });

  it('counts as failures what is wrong', async () => {
    const me = identify(await signIn());
    for (let i = 0; i < 5; i += 1) {
      await expect(box.auth.confirmPassword(me, Buffer.from('wrong'), HOME)).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
    }
    await expect(box.auth.confirmPassword(me, owner().password, HOME)).rejects.toMatchObject({
      kind: 'throttled',
    });
  });
});

it('knows the collector’s token', () => {
  expect(box.auth.tokens.opensMetrics(box.metricsToken)).toBe(true);
  expect(box.auth.tokens.opensMetrics(`${box.metricsToken}x`)).toBe(false);
  expect(box.auth.tokens.opensMetrics('')).toBe(false);
});

describe('the news that sessions ended', () => {
  let told: number;
  let stop: () => void;

  beforeEach(async () => {
    await setUp();
    told = 0;
    stop = box.auth.onSessionsEnded(() => {
      told += 1;
    });
  });

  it('comes at signing out, once, when the session is over', async () => {
    const token = await signIn();
    const { sessionKey } = identify(token);
    let wasSignedIn: boolean | undefined;
    box.auth.onSessionsEnded(() => {
      wasSignedIn = box.auth.isSignedIn(sessionKey);
    });
    expect([told, box.auth.isSignedIn(sessionKey)]).toEqual([0, true]);
    box.auth.signOut(token);
    expect([told, wasSignedIn]).toEqual([1, false]);
    box.auth.signOut(token);
    expect(told).toBe(1);
  });

  it('comes when a browser signs in anew', async () => {
    const { sessionKey } = identify(await signIn());
    const token = await signIn();
    await signIn(token);
    expect([told, box.auth.isSignedIn(sessionKey)]).toEqual([1, true]);
  });

  it('comes for the one session too many', async () => {
    const { sessionKey } = identify(await signIn());
    for (let i = 1; i < SESSIONS_PER_PERSON_MAX; i += 1) {
      await box.clock.advance(1_000);
      await signIn();
    }
    expect([told, box.auth.isSignedIn(sessionKey)]).toEqual([0, true]);
    await box.clock.advance(1_000);
    await signIn();
    expect([told, box.auth.isSignedIn(sessionKey)]).toEqual([1, false]);
  });

  it('comes when one is found to have run out, by whoever looks', async () => {
    const [looked, swept] = [identify(await signIn()), identify(await signIn())];
    await box.clock.advance(8 * DAY_MS);
    expect(box.auth.isSignedIn(looked.sessionKey)).toBe(false);
    expect(told).toBe(1);
    await signIn();
    expect([told, box.auth.isSignedIn(swept.sessionKey)]).toEqual([2, false]);
  });

  it('ends when it is no longer wanted', async () => {
    stop();
    box.auth.signOut(await signIn());
    expect(told).toBe(0);
  });

  it('does not come for who watches for weeks, until a month is over', async () => {
    const { sessionKey } = identify(await signIn());
    for (let day = 1; day < 30; day += 1) {
      await box.clock.advance(DAY_MS);
      expect(box.auth.isSignedIn(sessionKey)).toBe(true);
    }
    await box.clock.advance(DAY_MS);
    expect(box.auth.isSignedIn(sessionKey)).toBe(false);
  });
});
