/** Ways in of people who come and go, with the real key process and the real file. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';
import { writeHousehold } from '../../../server/keys/household-file.ts';
import { HouseholdKeys, type HouseholdKeysParts } from '../../../server/keys/household-keys.ts';
import type { Household } from '../../../server/keys/key-messages.ts';
import { CHEAP } from '../../doubles/test-api.ts';
import { TestClock } from '../../doubles/test-clock.ts';

// Each test starts processes of Node.js, half a second of processor each.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ENTRY = join(PACKAGE_ROOT, 'dist', 'server', 'keys', 'key-worker.js');
const LINK = 'cccccccccccccccc';

let folder = '';
let keys: HouseholdKeys;

async function open(change: Partial<HouseholdKeysParts> = {}): Promise<HouseholdKeys> {
  return HouseholdKeys.open({
    ...{ path: join(folder, 'household.json'), boxId: 'b'.repeat(32), entry: ENTRY },
    ...{ clock: new TestClock(), log: silentLog, cost: CHEAP, ...change },
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-keys-'));
  keys = await open();
  await keys.create(1, Buffer.from('three odd wombats'));
});
afterEach(async () => {
  await keys.lock();
  await rm(folder, { recursive: true });
});

const secret = (fill = 7): Buffer => Buffer.alloc(32, fill);

function unlock(userId: number, typed: string, holder = String(userId)): Promise<boolean> {
  const { locks } = keys;
  return keys.unlock({ holder, userId, password: Buffer.from(typed), locks, isWanted: () => true });
}

function claim(commit = (): void => undefined, fill = 7, invitationId = LINK): Promise<boolean> {
  const password = Buffer.from('five quiet otters');
  return keys.people.claim({ invitationId, secret: secret(fill), userId: 2, password }, commit);
}

async function invite(): Promise<void> {
  await unlock(1, 'three odd wombats');
  await keys.people.invite({ holder: '1', invitationId: LINK, secret: secret() });
}

async function file(): Promise<Household> {
  return JSON.parse(await readFile(join(folder, 'household.json'), 'utf8')) as Household;
}

it('a link is made only while its maker has unlocked', async () => {
  const input = { holder: '1', invitationId: LINK, secret: secret() };
  await expect(keys.people.invite(input)).rejects.toMatchObject({ kind: 'locked' });
  expect(keys.people.invitationIds).toEqual([]);
});

it('a newcomer opens the past with their own password, also when it was locked meanwhile', async () => {
  await invite();
  await keys.lock();
  const order: string[] = [];
  const committed = claim(() => order.push('row'));
  expect(await committed).toBe(true);
  expect(order).toEqual(['row']);
  // A claim unlocks nobody, and the link is gone.
  expect(keys.isOpen).toBe(false);
  expect((await file()).invited).toEqual([]);
  expect(await unlock(2, 'five quiet otters')).toBe(true);
  expect(await claim()).toBe(false);
});

it('a wrong secret, and another link’s, open nothing; nothing is written', async () => {
  await invite();
  const before = await file();
  const never = (): void => {
    throw new Error('no row is written');
  };
  expect(await claim(never, 8)).toBe(false);
  expect(await claim(never, 7, 'dddddddddddddddd')).toBe(false);
  expect(await file()).toEqual(before);
  // Passed off as another link, it does not open either.
  const [invited] = before.invited ?? [];
  const moved = { ...before, invited: [{ ...invited!, id: 'dddddddddddddddd' }] };
  await writeHousehold(join(folder, 'household.json'), moved);
  await keys.lock();
  keys = await open();
  expect(await claim(never, 7, 'dddddddddddddddd')).toBe(false);
});

it('a new key ends links, because what they carry would open no more', async () => {
  await invite();
  await keys.newKey('1');
  expect(keys.people.invitationIds).toEqual([]);
  expect(await claim()).toBe(false);
});

it('whoever stops between the file and the row is swept away, and the link still works', async () => {
  await invite();
  const stopped = claim(() => {
    throw new Error('the power goes');
  });
  await expect(stopped).rejects.toThrow('the power goes');
  await keys.lock();
  keys = await open();
  expect((await file()).wraps.map(({ userId }) => userId)).toEqual([1, 2]);
  await keys.people.keepOnly(() => ({
    userIds: new Set([1]),
    invitationIds: new Set([LINK]),
  }));
  expect((await file()).wraps.map(({ userId }) => userId)).toEqual([1]);
  expect(await claim()).toBe(true);
  expect(await unlock(2, 'five quiet otters')).toBe(true);
});

it('a changed password opens and the old one does not; kept phones of that person end', async () => {
  await unlock(1, 'three odd wombats');
  const phone = { id: 'eeeeeeeeeeeeeeee', name: 'Phone', secret: secret(9) };
  await keys.unlock({
    ...{ holder: '1', userId: 1, password: Buffer.from('three odd wombats') },
    ...{ locks: keys.locks, isWanted: () => true, phone },
  });
  expect(keys.keptPhones()).toHaveLength(1);
  const change = (typed: string): Promise<boolean> => {
    const password = Buffer.from(typed);
    const newPassword = Buffer.from('six plain herons');
    return keys.people.changePassword({ userId: 1, password, newPassword }, () => undefined);
  };
  expect(await change('not the old one')).toBe(false);
  expect(await change('three odd wombats')).toBe(true);
  expect(keys.keptPhones()).toEqual([]);
  // Who is unlocked here stays so.
  expect(keys.isUnlocked('1')).toBe(true);
  expect(await unlock(1, 'three odd wombats', 'other')).toBe(false);
  expect(await unlock(1, 'six plain herons', 'other')).toBe(true);
});

it('who is removed has no way in left: password, phone and link', async () => {
  await invite();
  await claim();
  const phone = { id: 'eeeeeeeeeeeeeeee', name: 'Phone', secret: secret(9) };
  await keys.unlock({
    ...{ holder: '2', userId: 2, password: Buffer.from('five quiet otters') },
    ...{ locks: keys.locks, isWanted: () => true, phone },
  });
  await keys.people.keepOnly(() => ({ userIds: new Set([1]), invitationIds: new Set<string>() }));
  expect(keys.keptPhones()).toEqual([]);
  expect(await unlock(2, 'five quiet otters', 'again')).toBe(false);
  expect(await unlock(1, 'three odd wombats', 'owner')).toBe(true);
});
