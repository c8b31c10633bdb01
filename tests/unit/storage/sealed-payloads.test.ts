import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs, utcDayOf, type UtcDay } from '../../../server/base/time.ts';
import type { Database } from '../../../server/storage/database.ts';
import { daysWithKeys, deleteDayKeys } from '../../../server/storage/day-keys.ts';
import { dayKeyIdOf, type PayloadPlace } from '../../../server/storage/payload.ts';
import { SEALING_KEY_MAX_MS, SealedPayloads } from '../../../server/storage/sealed-payloads.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { TestPayloadKeys } from '../../doubles/test-payload-keys.ts';
import { openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const TODAY = utcDayOf(epochMs(Date.UTC(2026, 0, 1, 12)));
const CAT = Buffer.from('cat');

let storage: TestStorage;
let keys: TestPayloadKeys;
let clock: TestClock;
let payloads: SealedPayloads;

beforeEach(async () => {
  storage = await openTestStorage();
  keys = await TestPayloadKeys.create();
  clock = new TestClock();
  payloads = begin();
});

afterEach(() => {
  payloads.stop();
  expect(clock.pendingTimers).toBe(0);
  storage.remove();
});

function begin(db: Database = storage.db): SealedPayloads {
  return new SealedPayloads({ db, keys, clock });
}

function at(rowId: number, day: UtcDay = TODAY): PayloadPlace {
  return { day, table: 'event', column: 'labels', rowId };
}

function keyCount(): number {
  return (
    storage.db.get({
      sql: 'SELECT count(*) AS count FROM day_key',
      read: (row) => row.integer('count'),
    }) ?? -1
  );
}

describe('sealing', () => {
  it('makes one key for what comes together, durable before the row', async () => {
    const places = Array.from({ length: 20 }, (_, row) => at(row));
    const sealed = await Promise.all(places.map((place) => payloads.seal(place, CAT)));
    expect(keyCount()).toBe(1);
    const opened = await payloads.openAll(
      places.map((place, row) => ({ place, sealed: sealed[row]! })),
    );
    expect(opened).toEqual(places.map(() => ({ state: 'open', bytes: CAT })));
    expect(keys.asked).toEqual([1]);
  });

  it('works while locked, also after a restart: with a further key for the same day', async () => {
    const first = await payloads.seal(at(1), CAT);
    payloads.stop();
    keys.isOpen = false;
    payloads = begin();
    const second = await payloads.seal(at(2), CAT);
    expect(keyCount()).toBe(2);
    expect(daysWithKeys(storage.db)).toEqual([TODAY]);
    await expect(payloads.open({ place: at(2), sealed: second })).rejects.toMatchObject({
      kind: 'locked',
    });
    keys.isOpen = true;
    expect(await payloads.open({ place: at(1), sealed: first })).toEqual(CAT);
    expect(await payloads.open({ place: at(2), sealed: second })).toEqual(CAT);
  });

  it('takes another key after ten minutes, and none stays in memory', async () => {
    await payloads.seal(at(1), CAT);
    await clock.advance(SEALING_KEY_MAX_MS - 1);
    await payloads.seal(at(2), CAT);
    expect(keyCount()).toBe(1);
    await clock.advance(1);
    expect(clock.pendingTimers).toBe(0);
    const sealed = await payloads.seal(at(3), CAT);
    expect(keyCount()).toBe(2);
    expect(await payloads.open({ place: at(3), sealed })).toEqual(CAT);
  });

  it('takes another key after New key, which the old sheet does not open', async () => {
    const before = await payloads.seal(at(1), CAT);
    await keys.newKey();
    const after = await payloads.seal(at(1), CAT);
    expect(dayKeyIdOf(after)).not.toEqual(dayKeyIdOf(before));
    const stored = storage.db.all({
      sql: 'SELECT id, sealed_key FROM day_key',
      read: (row) => ({ id: row.blob('id'), sealed: row.blob('sealed_key') }),
    });
    for (const { id, sealed } of stored) {
      const isNew = id.equals(dayKeyIdOf(after)!);
      expect((await keys.opensWithNewest(sealed)) !== undefined).toBe(isNew);
    }
    expect(await payloads.open({ place: at(1), sealed: before })).toEqual(CAT);
  });

  it('never seals with a key that went meanwhile', async () => {
    await payloads.seal(at(1), CAT);
    // The day is forgotten between the question for a key and its use, each way round.
    const racing = payloads.seal(at(2), CAT);
    deleteDayKeys(storage.db, TODAY);
    payloads.forgetDays([TODAY]);
    const sealed = await racing;
    expect(await payloads.open({ place: at(2), sealed })).toEqual(CAT);
    deleteDayKeys(storage.db, TODAY);
    expect(await payloads.open({ place: at(2), sealed })).toBeUndefined();
    // Nobody told it of the deletion: it looks.
    const later = await payloads.seal(at(3), CAT);
    expect(await payloads.open({ place: at(3), sealed: later })).toEqual(CAT);
  });

  it('keeps keys of a few days only', async () => {
    for (let day = 0; day < 10; day += 1) await payloads.seal(at(1, (TODAY + day) as UtcDay), CAT);
    expect(clock.pendingTimers).toBe(4);
    expect(daysWithKeys(storage.db)).toHaveLength(10);
  });

  it('waits for a household, and goes on when there is one', async () => {
    keys.recipient = undefined;
    await expect(payloads.seal(at(1), CAT)).rejects.toMatchObject({ kind: 'io' });
    await keys.newKey();
    const sealed = await payloads.seal(at(1), CAT);
    expect(await payloads.open({ place: at(1), sealed })).toEqual(CAT);
  });
});

describe('opening', () => {
  it('asks for each key once, until somebody locks', async () => {
    const sealed = await payloads.seal(at(1), CAT);
    const read = (): Promise<Buffer | undefined> => payloads.open({ place: at(1), sealed });
    await read();
    await read();
    expect(keys.asked).toEqual([1]);
    payloads.forget();
    await read();
    expect(keys.asked).toEqual([1, 1]);
    keys.isOpen = false;
    await expect(read()).rejects.toMatchObject({ kind: 'locked' });
    keys.isOpen = true;
    await read();
    expect(keys.asked).toEqual([1, 1, 1]);
  });

  it('keeps no key where somebody locked while it was opened', async () => {
    const sealed = await payloads.seal(at(1), CAT);
    keys.onAsked = () => {
      keys.isOpen = false;
    };
    await payloads.open({ place: at(1), sealed });
    keys.onAsked = () => undefined;
    keys.isOpen = true;
    await payloads.open({ place: at(1), sealed });
    expect(keys.asked).toEqual([1, 1]);
  });

  it('asks for the keys of a week in one question, and keeps so many at most', async () => {
    const items = [];
    for (let day = 0; day < 1_100; day += 1) {
      const place = at(1, (TODAY + day) as UtcDay);
      items.push({ place, sealed: await payloads.seal(place, CAT) });
    }
    expect((await payloads.openAll(items)).every(({ state }) => state === 'open')).toBe(true);
    expect(keys.asked).toEqual([1_100]);
    await payloads.openAll(items.slice(-1_024));
    expect(keys.asked).toEqual([1_100]);
    await payloads.openAll(items.slice(0, 1));
    expect(keys.asked).toEqual([1_100, 1]);
    // Each day is a key of its own that is made durable: 27 ms each on a disk that others keep busy.
  }, 120_000);

  it('tells what was forgotten from what was changed, and neither costs the others', async () => {
    const other = (TODAY - 1) as UtcDay;
    const good = await payloads.seal(at(1), CAT);
    const forgotten = await payloads.seal(at(1, other), CAT);
    deleteDayKeys(storage.db, other);
    const changed = Buffer.from(good);
    changed[40] = (changed[40] ?? 0) ^ 1;
    const opened = await payloads.openAll([
      { place: at(1), sealed: changed },
      { place: at(1, other), sealed: forgotten },
      { place: at(2), sealed: good },
      { place: at(1, other), sealed: good },
      { place: at(1), sealed: Buffer.from('no payload') },
      { place: at(1), sealed: good },
    ]);
    expect(opened.map(({ state }) => state)).toEqual([
      ...['damaged', 'forgotten', 'damaged', 'damaged', 'damaged'],
      'open',
    ]);
    await expect(payloads.open({ place: at(2), sealed: good })).rejects.toMatchObject({
      kind: 'corrupt',
    });
  });

  it('does not take a day key in another’s row', async () => {
    const [one, two] = [at(1), at(1, (TODAY - 1) as UtcDay)];
    const items = [one, two].map(async (place) => ({
      place,
      sealed: await payloads.seal(place, CAT),
    }));
    const both = await Promise.all(items);
    // Somebody with the disk exchanges the sealed keys of two rows.
    const rows = storage.db.all({
      sql: 'SELECT id, sealed_key FROM day_key',
      read: (row) => ({ id: row.blob('id'), sealedKey: row.blob('sealed_key') }),
    });
    rows.forEach(({ id }, index) => {
      const { sealedKey } = rows[1 - index]!;
      storage.db.run('UPDATE day_key SET sealed_key = :sealedKey WHERE id = :id', {
        id,
        sealedKey,
      });
    });
    expect((await payloads.openAll(both)).map(({ state }) => state)).toEqual([
      ...['damaged', 'damaged'],
    ]);
  });
});

it('leaves no word and no key on the disk', async () => {
  const words = Buffer.from('a person with a parcel, 16 bytes');
  const sealed = await payloads.seal(at(1), words);
  storage.db.emptyLog();
  const file = readFileSync(storage.folder.databasePath);
  const [dayKey] = await keys.unwrapDayKeys(
    storage.db.all({
      sql: 'SELECT sealed_key FROM day_key',
      read: (row) => row.blob('sealed_key'),
    }),
  );
  expect(dayKey!.key).toHaveLength(32);
  for (const secret of [dayKey!.key, words.subarray(0, 16)]) {
    expect(file.includes(secret)).toBe(false);
  }
  // The search finds what is there.
  expect(file.includes(dayKeyIdOf(sealed)!)).toBe(true);
});
