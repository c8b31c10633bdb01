/**
 * The server dies at every step of forgetting a day (docs/design/sealing.md): of the files, by the
 * system call; of the database, by its files as they lie on the disk at that moment.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../server/base/log.ts';
import { epochMs, UTC_DAY_MS, type UtcDay } from '../../server/base/time.ts';
import { Database } from '../../server/storage/database.ts';
import { DayForgetter } from '../../server/storage/forget-days.ts';
import { FootageUse } from '../../server/storage/footage-use.ts';
import { FootageInUse } from '../../server/storage/footage-in-use.ts';
import { recoverStorage } from '../../server/storage/recovery.ts';
import { Retention } from '../../server/storage/retention.ts';
import { endRun, insertRun } from '../../server/storage/runs.ts';
import { SealedPayloads } from '../../server/storage/sealed-payloads.ts';
import { closeSegment, insertSegment, segmentPage } from '../../server/storage/segments.ts';
import { FaultyFileSystem, type Fault } from '../doubles/faulty-file-system.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { TestPayloadKeys } from '../doubles/test-payload-keys.ts';
import { labelledInit } from '../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../fixtures/test-storage.ts';

const DAY = 20_000 as UtcDay;
const PLACE = { day: DAY, table: 'event', column: 'labels', rowId: 1 };
const WORDS = Buffer.from('a person with a parcel');

let storage: TestStorage;
let keys: TestPayloadKeys;
let payloads: SealedPayloads;
let copies: string;
/** What event 1 says, in whatever would be its row. */
let sealed: Buffer;
/** The sealed form of the day's key: what must lie nowhere. */
let sealedKey: Buffer;

beforeEach(build);

async function build(): Promise<void> {
  copies = mkdtempSync(join(tmpdir(), 'doorkeep-copies-'));
  storage = await openTestStorage();
  keys = await TestPayloadKeys.create();
  payloads = new SealedPayloads({ db: storage.db, keys, clock: new TestClock() });
  const { db, footage } = storage;
  const runId = insertRun(db, {
    ...{ cameraId: CAMERA_ID, anchorMs: epochMs(0), codecs: 'avc1', width: 1, height: 1 },
  });
  for (let sequence = 0; sequence < 2; sequence += 1) {
    const place = { cameraId: CAMERA_ID, runId, sequence };
    const writer = await footage.create(place);
    await writer.append([labelledInit(place, 100), Buffer.alloc(100)]);
    await writer.close(200);
    const part = { offsetBytes: 100, sizeBytes: 100, startMs: 0, durationMs: 1_000, key: true };
    const startMs = epochMs(DAY * UTC_DAY_MS + sequence * 1_000);
    closeSegment(db, insertSegment(db, { ...place, startMs }, part));
  }
  endRun(db, runId, 'stopped');
  sealed = await payloads.seal(PLACE, WORDS);
  [sealedKey] = db.all({
    sql: 'SELECT sealed_key FROM day_key',
    read: (row) => Buffer.from(row.blob('sealed_key')),
  }) as [Buffer];
}

afterEach(tearDown);

function tearDown(): void {
  payloads.stop();
  storage.remove();
  rmSync(copies, { recursive: true });
}

/** Deletes all there is, in one step of retention. */
function retention(days: DayForgetter, footage = storage.footage): Retention {
  const { db } = storage;
  const space = { totalBytes: 1e8, freeBytes: 0, freeFiles: 1e6, totalFiles: 1e7 };
  return new Retention({
    ...{ db, footage, days, clock: new TestClock(), log: silentLog, inUse: new FootageInUse() },
    use: new FootageUse(db),
    space: () => Promise.resolve(space),
  });
}

/** The database as it lies on the disk now: what a killed process leaves. */
function copyDatabase(name: string): string {
  const folder = join(copies, name);
  mkdirSync(folder);
  const { path } = storage.folder;
  for (const file of readdirSync(path)) {
    if (file.startsWith('doorkeep.db')) cpSync(join(path, file), join(folder, file));
  }
  return folder;
}

/** Whether the key, as it was stored, lies in any of the database's files. */
function isKeyIn(folder: string): boolean {
  const window = sealedKey.subarray(-48);
  return readdirSync(folder)
    .filter((file) => file.startsWith('doorkeep.db'))
    .some((file) => readFileSync(join(folder, file)).includes(window));
}

/** Starts on what was left, and looks: rows of footage, whether the words open, whether the key lies. */
async function startOn(folder: string) {
  const db = Database.open(join(folder, 'doorkeep.db'));
  const again = new SealedPayloads({ db, keys, clock: new TestClock() });
  try {
    await recoverStorage({ db, footage: storage.footage });
    const words = await again.open({ place: PLACE, sealed });
    const page = { cameraId: CAMERA_ID, afterMs: -Infinity, limit: 10 };
    return { rows: segmentPage(db, page).length, words, isKeyThere: isKeyIn(folder) };
  } finally {
    again.stop();
    db.close();
  }
}

const WHOLE = { rows: 2, words: WORDS, isKeyThere: true };
const FORGOTTEN = { rows: 0, words: undefined, isKeyThere: false };

describe('the server dies while a day is forgotten', () => {
  it('at each step of the database: all of it is there, or nothing opens', async () => {
    const { db } = storage;
    // The log is as it is after some work: the key lies in the file, and in the log as well.
    db.emptyLog();
    db.run('UPDATE day_key SET day = day');
    const left: Record<string, string> = { before: copyDatabase('before') };
    const days = new DayForgetter(db, {
      forgetDays: (gone) => {
        left.committed = copyDatabase('committed');
        payloads.forgetDays(gone);
      },
    });
    const deleteKeys = days.deleteKeys.bind(days);
    days.deleteKeys = (deleted) => {
      const gone = deleteKeys(deleted);
      left.uncommitted = copyDatabase('uncommitted');
      return gone;
    };
    await retention(days).makeRoom();
    left.emptied = copyDatabase('emptied');
    // What the steps are for: after the commit alone the key still lies there, for who has the disk.
    expect(isKeyIn(left.committed!)).toBe(true);
    expect(isKeyIn(left.emptied)).toBe(false);
    expect(await startOn(left.before!)).toEqual(WHOLE);
    // That it goes was written down before its first file went.
    expect(await startOn(left.uncommitted!)).toEqual(FORGOTTEN);
    expect(await startOn(left.committed!)).toEqual(FORGOTTEN);
    expect(await startOn(left.emptied)).toEqual(FORGOTTEN);
  });

  it.each([
    ['ON', false],
    ['OFF', true],
  ])('with secure_delete %s the key is found afterwards: %s', (mode, isFound) => {
    storage.db.emptyLog();
    const folder = copyDatabase(mode);
    const raw = new SQLite(join(folder, 'doorkeep.db'));
    raw.pragma(`secure_delete = ${mode}`);
    raw.exec('DELETE FROM day_key');
    raw.pragma('wal_checkpoint(TRUNCATE)');
    raw.close();
    expect(isKeyIn(folder)).toBe(isFound);
  });

  it.each(['death', 'death-before'] as const)('at each call of the files (%s)', async (kind) => {
    const whole = new FaultyFileSystem(Infinity, { kind });
    const calls = await deleteWith(whole).then(() => whole.calls);
    expect(calls).toBeGreaterThan(5);
    for (let call = 0; call < calls; call += 1) {
      tearDown();
      await build();
      const system = new FaultyFileSystem(call, { kind } satisfies Fault);
      await Promise.race([deleteWith(system), system.happened]);
      const state = await startOn(copyDatabase(`call-${String(call)}`));
      await system.closeLeftOpen();
      // Files go before rows: rows that are there are deleted by the next round, and the day with them.
      const isWhole = state.rows === 2;
      expect([call, state]).toEqual([call, isWhole ? WHOLE : FORGOTTEN]);
    }
  });
});

async function deleteWith(system: FaultyFileSystem): Promise<void> {
  await retention(storage.days, storage.footageOn(system)).makeRoom();
}
