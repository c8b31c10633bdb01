import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry, AuditPage } from '../../server/contract/audit.ts';
import type { Refusal } from '../../server/egress/refusals.ts';
import { epochMs } from '../../server/base/time.ts';
import { keyEvents, recordPeople, recordRefusals } from '../../server/open-record.ts';
import { userById } from '../../server/storage/users.ts';
import { OWNER, startTestAuth, TestApi } from '../doubles/test-api.ts';
import { openTestRecord } from '../doubles/test-api-record.ts';

let box: TestApi;
beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

async function entries(kind: string): Promise<AuditEntry[]> {
  const response = await box.asOwner({ url: `/api/audit?kind=${kind}` });
  expect(response.statusCode).toBe(200);
  return response.json<AuditPage>().entries;
}

describe('people who come and go', () => {
  it('are on record, with who let them in and what they are called', async () => {
    const { auth, db } = box.base;
    const nameOf = (id: number): string => userById(db, id)?.username ?? '';
    const stop = recordPeople(auth.people, box.record.record, nameOf);
    const password = OWNER.password;
    const payload = { name: 'Robin', role: 'viewer', mayExport: false, cameras: null, password };
    const invite = { method: 'POST', url: '/api/invitations', payload } as const;
    const made = await box.asOwner(invite);
    expect(made.statusCode).toBe(201);
    await expect.poll(() => entries('person-invited')).toHaveLength(1);
    const [invited] = await entries('person-invited');
    expect(invited).toMatchObject({ who: OWNER.username, details: { name: 'Robin' } });
    stop();
    await box.asOwner(invite);
    expect(await entries('person-invited')).toHaveLength(1);
  });
});

describe('what was refused to leave', () => {
  const refusal: Refusal = {
    ...{ way: 'redirect', who: { kind: 'camera', id: 'a'.repeat(16) } },
    ...{ to: '203.0.113.9:554', reason: 'redirected' },
  };
  const attempts = { ...refusal, firstMs: epochMs(0), lastMs: epochMs(0), count: 1 };

  it('is on record with its camera, once for many attempts', async () => {
    const log = recordRefusals(box.record.record);
    for (let count = 1; count <= 50; count += 1) log.onRefused(refusal, { ...attempts, count });
    await expect.poll(() => entries('connection-refused')).toHaveLength(1);
    expect((await entries('connection-refused'))[0]).toMatchObject({
      ...{ camera: 'a'.repeat(16), details: { target: '203.0.113.9:554' } },
    });
  });

  it('is on record without one when a part of the program tried', async () => {
    const log = recordRefusals(box.record.record);
    log.onRefused({ ...refusal, who: { kind: 'program', name: 'curl' } }, attempts);
    await expect.poll(() => entries('connection-refused')).toHaveLength(1);
    expect((await entries('connection-refused'))[0]).toMatchObject({ camera: null });
  });
});

describe('what the storage tells', () => {
  it('is on record: an index made anew, and a past that was left open and locked by itself', async () => {
    const base = await startTestAuth();
    const closers: (() => Promise<void>)[] = [];
    const record = await openTestRecord(base, { add: (close) => closers.push(close) });
    try {
      const password = Buffer.from(OWNER.password);
      const typed = { setupToken: base.setupToken, username: OWNER.username, password };
      await base.auth.setUp({ ...typed, recoveryKey: undefined }, '127.0.0.1');
      const unlocked: string[] = [];
      const events = keyEvents(new Set([() => unlocked.push('told')]), () => record);
      let nudges = 0;
      record.services.presence.onChange(() => (nudges += 1));
      events.onIndexRebuilt();
      events.onRanOut(1);
      events.onUnlocked();
      expect(unlocked).toEqual(['told']);
      // Pages hear of the lock at once, and not at the next heartbeat.
      expect(nudges).toBe(1);
      const told = async (kind: AuditEntry['kind']): Promise<AuditEntry[]> =>
        (await record.services.reader.page({ kind, before: undefined, limit: 10 }, false)).entries;
      await expect.poll(() => told('unlock-ended')).toHaveLength(1);
      expect(await told('index-rebuilt')).toMatchObject([{ who: 'box', isBox: true }]);
      expect(await told('unlock-ended')).toMatchObject([{ who: OWNER.username, isBox: false }]);
    } finally {
      for (const close of closers) await close();
      base.close();
    }
  });
});
