import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import {
  FIRST_STEPS,
  type FirstStepPatch,
  type FirstSteps as FirstStepList,
} from '../../../server/contract/first-steps.ts';
import { copyOfMoment, leaveOutOfCopy } from '../../../server/storage/database-copy.ts';
import { Database } from '../../../server/storage/database.ts';
import { FirstSteps } from '../../../server/storage/first-steps.ts';
import { TestApi } from '../../doubles/test-api.ts';
import { addPerson } from '../../fixtures/household-people.ts';

const URL = '/api/first-steps';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

async function list(): Promise<FirstStepList['steps']> {
  return (await box.asOwner({ url: URL })).json<FirstStepList>().steps;
}

const say = (payload: unknown): ReturnType<TestApi['asOwner']> =>
  box.asOwner({ method: 'PATCH', url: URL, payload: payload as object });

const stepsOf = (db: Database): FirstSteps =>
  new FirstSteps({ db, clock: box.clock, log: createLog(() => undefined) });

describe('the first steps', () => {
  it('are all open at first, the plug test last', async () => {
    const open = FIRST_STEPS.map((step) => ({ step, state: 'open', at: null }));
    expect(await list()).toEqual(open);
    expect(open.at(-1)?.step).toBe('plug-test');
  });

  it('are put away and brought back', async () => {
    const at = new Date(box.clock.wallMs()).toISOString();
    const away = await say({ step: 'cloud', state: 'put-away' });
    expect(away.json<FirstStepList>().steps).toContainEqual({
      ...{ step: 'cloud', state: 'put-away', at },
    });
    await say({ step: 'cloud', state: 'open' });
    expect(await list()).toContainEqual({ step: 'cloud', state: 'open', at: null });
  });

  it('stay tried, with the time of the newest try', async () => {
    await say({ step: 'plug-test', state: 'put-away' });
    await say({ step: 'plug-test', state: 'tried' });
    await box.clock.advance(60_000);
    const at = new Date(box.clock.wallMs()).toISOString();
    await say({ step: 'plug-test', state: 'tried' });
    for (const state of ['put-away', 'open'] as const) await say({ step: 'plug-test', state });
    expect(await list()).toContainEqual({ step: 'plug-test', state: 'tried', at });
  });

  it('are the same after the box started anew', async () => {
    await say({ step: 'cloud', state: 'tried' });
    await say({ step: 'phones', state: 'put-away' });
    const path = join(box.base.folder, 'doorkeep.db');
    const before = await list();
    const again = Database.open(path);
    try {
      expect(stepsOf(again).list().steps).toEqual(before);
    } finally {
      again.close();
    }
  });

  it('are not in a backup: another box was not tried', async () => {
    await say({ step: 'plug-test', state: 'tried' });
    const path = join(box.base.folder, 'copy.db');
    await writeFile(path, '');
    await copyOfMoment(box.base.db, path, new AbortController().signal);
    leaveOutOfCopy(path);
    const copy = Database.open(path);
    try {
      expect(
        stepsOf(copy)
          .list()
          .steps.map(({ state }) => state),
      ).toEqual(FIRST_STEPS.map(() => 'open'));
    } finally {
      copy.close();
    }
  });

  it.each([
    { step: 'bell', state: 'tried' },
    { step: 'constructor', state: 'tried' },
    { step: 'cloud', state: 'done' },
    { step: 'cloud' },
    { step: 'cloud', state: 'tried', at: '2020-01-01T00:00:00Z' },
    [],
  ])('refuse %j', async (payload) => {
    expect((await say(payload)).statusCode).toBe(400);
    expect((await list()).every(({ state }) => state === 'open')).toBe(true);
  });

  it('are the owner’s alone', async () => {
    const payload: FirstStepPatch = { step: 'cloud', state: 'tried' };
    const patch: InjectOptions = { method: 'PATCH', url: URL, payload };
    const member = await addPerson(box, 'Sam');
    const viewer = await addPerson(box, 'Vera', { role: 'viewer' });
    for (const request of [{ url: URL }, patch]) {
      expect((await box.send(request)).statusCode).toBe(401);
      expect((await member.ask(request)).statusCode).toBe(403);
      expect((await viewer.ask(request)).statusCode).toBe(403);
    }
    expect((await list()).every(({ state }) => state === 'open')).toBe(true);
    await box.asOwner({ method: 'POST', url: '/api/session/live-only', payload: {} });
    for (const request of [{ url: URL }, patch]) {
      const answer = await box.asOwner(request);
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ reason: 'live-only' });
    }
  });
});

describe('that a phone came in', () => {
  it('is nobody’s word: the box sees it', async () => {
    const answer = await say({ step: 'phones', state: 'tried' });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ reason: 'box-sees-it' });
    expect((await list())[0]).toEqual({ step: 'phones', state: 'open', at: null });
  });

  it('is kept once, with the time of the first', async () => {
    const steps = stepsOf(box.base.db);
    steps.phoneCame();
    const at = new Date(box.clock.wallMs()).toISOString();
    await box.clock.advance(60_000);
    steps.phoneCame();
    stepsOf(box.base.db).phoneCame();
    expect((await list())[0]).toEqual({ step: 'phones', state: 'tried', at });
  });

  it('costs nobody the visit when the disk takes nothing', () => {
    const lines: string[] = [];
    const db = Database.open(join(box.base.folder, 'other.db'));
    const steps = new FirstSteps({
      db,
      clock: box.clock,
      log: createLog((line) => lines.push(line)),
    });
    db.close();
    steps.phoneCame();
    steps.phoneCame();
    expect(lines.filter((line) => line.includes('phone'))).toHaveLength(1);
  });

  it('is not seen where somebody comes over plain HTTP, or nobody is signed in', async () => {
    const remoteAddress = '192.168.1.30';
    await box.asOwner({ url: '/api/session', remoteAddress });
    await box.send({ url: '/api/health', remoteAddress });
    expect((await list())[0]?.state).toBe('open');
  });
});
