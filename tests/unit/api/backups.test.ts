import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PIECE_MAX_BYTES } from '../../../server/contract/backup.ts';
import { ARRIVING, RIGHT_KEY } from '../../doubles/fake-backups.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';

const { password } = OWNER;
const MINUTES = 60_000;

/** A new copy each time: whoever is given a password zeroes it. */
function owner(): { username: string; password: Buffer } {
  return { ...OWNER, password: Buffer.from(OWNER.password) };
}

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
});
afterEach(() => box.close());

describe('backups', () => {
  beforeEach(() => box.setUp());

  function take(payload: object = { password }) {
    return box.asOwner({ method: 'POST', url: '/api/backups', payload });
  }

  it('are taken with the password only, locked or not, by the name of who asked', async () => {
    expect((await take({ password: 'another one' })).statusCode).toBe(401);
    expect((await take({})).statusCode).toBe(400);
    expect(box.backups.made).toEqual([]);
    await box.asOwner({ method: 'POST', url: '/api/lock' });
    const taken = await take();
    expect([taken.statusCode, taken.json<{ takenBy: string }>().takenBy]).toEqual([
      201,
      OWNER.username,
    ]);
    const listed = await box.asOwner({ url: '/api/backups' });
    expect(listed.json()).toEqual({ backups: [taken.json()] });
  });

  it('are fetched in that browser for a quarter of an hour, whole or in part', async () => {
    const { id } = (await take()).json<{ id: string }>();
    const url = `/api/backups/${id}/file`;
    expect((await box.send({ url })).statusCode).toBe(401);
    const whole = await box.asOwner({ url });
    expect([whole.statusCode, whole.rawPayload.equals(box.backups.bytes)]).toEqual([200, true]);
    expect(whole.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringContaining('doorkeep-backup-') as string,
      'cache-control': 'no-store',
    });
    const part = await box.asOwner({ url, headers: { range: 'bytes=4-7' } });
    expect([part.statusCode, part.payload]).toEqual([206, 'encr']);
    await box.clock.advance(15 * MINUTES);
    const late = await box.asOwner({ url });
    expect([late.statusCode, late.json<{ reason: string }>().reason]).toEqual([
      403,
      'password-needed',
    ]);
  });

  it('are not fetched by a browser in which the password was not typed for it', async () => {
    const { id } = (await take()).json<{ id: string }>();
    await box.signIn();
    expect((await box.asOwner({ url: `/api/backups/${id}/file` })).statusCode).toBe(403);
  });
});

describe('restores', () => {
  const headers = { 'content-type': 'application/octet-stream' };

  function begin(setupToken = box.base.setupToken) {
    const payload = { setupToken, sizeBytes: 10 };
    return box.send({ method: 'POST', url: '/api/restores', payload });
  }

  function piece(payload: Buffer, id = ARRIVING, more: object = {}) {
    const url = `/api/restores/${id}/pieces?at=0`;
    return box.send({ method: 'POST', url, payload, headers, ...more });
  }

  it('begin with the set-up code, which is counted when it is wrong', async () => {
    for (let i = 0; i < 10; i += 1) await begin('x'.repeat(43));
    expect((await begin('x'.repeat(43))).statusCode).toBe(429);
    await box.clock.advance(60 * MINUTES);
    expect((await begin()).statusCode).toBe(201);
  });

  it('take bytes in pieces and nothing else, for what arrives and no larger', async () => {
    expect((await piece(Buffer.from('age'))).json()).toMatchObject({ arrivedBytes: 3 });
    expect((await piece(Buffer.from('{}'), ARRIVING, { headers: {} })).statusCode).toBe(415);
    const json = { headers: { 'content-type': 'application/json' } };
    expect((await piece(Buffer.from('{}'), ARRIVING, json)).statusCode).toBe(415);
    expect((await piece(Buffer.alloc(PIECE_MAX_BYTES + 1))).statusCode).toBe(413);
    // Asked before the body is read: it would be a 413.
    expect((await piece(Buffer.alloc(PIECE_MAX_BYTES + 1), 'b'.repeat(32))).statusCode).toBe(404);
    expect(box.restores.pieces).toEqual([Buffer.from('age')]);
  });

  it('leave every other route with JSON only', async () => {
    const answer = await box.send({
      ...{ method: 'POST', url: '/api/session', headers },
      payload: JSON.stringify(OWNER),
    });
    expect(answer.statusCode).toBe(415);
  });

  it('open with the key, after which the server starts anew, and not before', async () => {
    const url = `/api/restores/${ARRIVING}`;
    const open = (recoveryKey: string) =>
      box.send({ method: 'POST', url, payload: { recoveryKey } });
    const wrong = await open('AGE-SECRET-KEY-1WRONG');
    expect([wrong.statusCode, wrong.json<{ reason: string }>().reason]).toEqual([
      422,
      'wrong-recovery-key',
    ]);
    expect(box.restores.restarts).toBe(0);
    expect((await open(` ${RIGHT_KEY} `)).statusCode).toBe(202);
    await expect.poll(() => box.restores.restarts).toBe(1);
  });

  it('are over once somebody has an account, before anything of a body is read', async () => {
    await box.setUp();
    expect((await begin()).statusCode).toBe(409);
    expect((await piece(Buffer.alloc(PIECE_MAX_BYTES + 1))).statusCode).toBe(409);
    const open = { method: 'POST', url: `/api/restores/${ARRIVING}` } as const;
    expect((await box.send({ ...open, payload: { recoveryKey: RIGHT_KEY } })).statusCode).toBe(409);
  });

  it('and the set-up keep out of each other’s way: no account is made while one goes on', async () => {
    const { auth, setupToken } = box.base;
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const restoring = auth.insteadOfSetUp(() => finished);
    const settingUp = auth.setUp({ setupToken, ...owner() }, '10.0.0.9');
    finish();
    await restoring;
    await expect(settingUp).rejects.toThrow(expect.objectContaining({ kind: 'unauthenticated' }));
    expect(auth.isSetUp()).toBe(false);
  });

  it('that did not work leave the set-up as it was', async () => {
    const { auth, setupToken } = box.base;
    const failing = auth.insteadOfSetUp(() => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect((await auth.setUp({ setupToken, ...owner() }, '10.0.0.9')).username).toBe(
      OWNER.username,
    );
    await expect(auth.insteadOfSetUp(() => Promise.resolve())).rejects.toThrow(
      expect.objectContaining({ reason: 'already-set-up' }),
    );
  });
});
