/** Sealed payloads through the real key process and the real database: locked, unlocked, started anew,
 * with another key, forgotten. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSmallFile } from '../../server/age/small-file.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs, utcDayOf } from '../../server/base/time.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { decodeDayKey } from '../../server/keys/day-key.ts';
import { HouseholdKeys } from '../../server/keys/household-keys.ts';
import { Database } from '../../server/storage/database.ts';
import { DayForgetter } from '../../server/storage/forget-days.ts';
import { openPayload } from '../../server/storage/payload.ts';
import { SealedPayloads } from '../../server/storage/sealed-payloads.ts';
import { CHEAP } from '../doubles/test-api.ts';
import { TestClock } from '../doubles/test-clock.ts';

const DAY = utcDayOf(epochMs(Date.UTC(2026, 0, 1, 12)));
const WORDS = Buffer.from('person, parcel');

let folder: string;
let box: Box;

/** What the composition root makes of it. */
interface Box {
  readonly db: Database;
  readonly keys: HouseholdKeys;
  readonly payloads: SealedPayloads;
}

async function start(): Promise<Box> {
  const clock = new TestClock();
  const db = Database.open(join(folder, 'doorkeep.db'));
  const keys: HouseholdKeys = await HouseholdKeys.open({
    ...{
      path: join(folder, 'household.json'),
      boxId: db.boxId,
      clock,
      log: silentLog,
      cost: CHEAP,
    },
    entry: join(PACKAGE_ROOT, 'dist', 'server', 'keys', 'key-worker.js'),
    onLocked: () => {
      payloads.forget();
    },
  });
  const payloads = new SealedPayloads({ db, keys, clock });
  return { db, keys, payloads };
}

async function stop(): Promise<void> {
  box.payloads.stop();
  await box.keys.lock();
  box.db.close();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-days-'));
  box = await start();
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

function place(rowId: number) {
  return { day: DAY, table: 'event', column: 'labels', rowId };
}

function unlock(): Promise<boolean> {
  const { keys } = box;
  const password = Buffer.from('three odd wombats');
  return keys.unlock({ holder: 'a', userId: 1, password, locks: keys.locks, isWanted: () => true });
}

describe('what is said about a day', () => {
  it('is sealed by a locked box through restarts, opens for who unlocks, and is forgotten', async () => {
    const sheet = (await box.keys.create(1, Buffer.from('three odd wombats'))).toString();
    const sealed = [await box.payloads.seal(place(0), WORDS)];
    await stop();
    box = await start();
    sealed.push(await box.payloads.seal(place(1), WORDS));
    // Nobody has unlocked, ever: no process, and nothing opens.
    expect(box.keys.processId).toBeUndefined();
    const stored = sealed.map((one, row) => ({ place: place(row), sealed: one }));
    await expect(box.payloads.openAll(stored)).rejects.toMatchObject({ kind: 'locked' });

    expect(await unlock()).toBe(true);
    await box.keys.newKey('a');
    stored.push({ place: place(2), sealed: await box.payloads.seal(place(2), WORDS) });
    const open = { state: 'open', bytes: WORDS };
    expect(await box.payloads.openAll(stored)).toEqual([open, open, open]);
    await box.keys.lock();
    await expect(box.payloads.openAll(stored)).rejects.toMatchObject({ kind: 'locked' });

    // The sheet alone, without Doorkeep's processes, opens what was sealed before New key.
    const rows = box.db.all({
      sql: 'SELECT sealed_key FROM day_key ORDER BY day',
      read: (row) => Buffer.from(row.blob('sealed_key')),
    });
    const words = [];
    for (const row of rows) {
      const secret = await openSmallFile([sheet], row);
      const dayKey = secret && decodeDayKey(secret);
      if (dayKey === undefined) continue;
      for (const one of stored) words.push(openPayload(dayKey.key, one.place, one.sealed));
    }
    expect(rows).toHaveLength(3);
    expect(words.filter((one) => one?.equals(WORDS))).toHaveLength(2);

    expect(await unlock()).toBe(true);
    const days = new DayForgetter(box.db, box.payloads);
    const startMs = epochMs(DAY * 86_400_000);
    const gone = box.db.transaction(() => days.deleteKeys([{ startMs, durationMs: 60_000 }]));
    days.finish(gone);
    expect(gone).toEqual([DAY]);
    const forgotten = { state: 'forgotten' };
    expect(await box.payloads.openAll(stored)).toEqual([forgotten, forgotten, forgotten]);
    const file = await readFile(join(folder, 'doorkeep.db'));
    expect(rows.some((row) => file.includes(row.subarray(-32)))).toBe(false);
  });
});
