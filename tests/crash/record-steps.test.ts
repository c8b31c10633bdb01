/** The box dies at every write of the record (docs/design/audit.md, "Durable order"), and again while it starts
 * after that: the record goes on, whole. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealSlotDisk, type SlotDisk } from '../../server/audit/key-file.ts';
import { AppError } from '../../server/base/errors.ts';
import { Database } from '../../server/storage/database.ts';
import { TestRecord } from '../fixtures/test-record.ts';

/** So much of a slot a power cut leaves: the nonce is the new one's, the tag the old one's. */
const TORN_BYTES = 70;

let record: TestRecord;
let copies: string;
beforeEach(async () => {
  record = await TestRecord.open();
  copies = mkdtempSync(join(tmpdir(), 'doorkeep-record-'));
});
afterEach(async () => {
  await record.remove();
  rmSync(copies, { recursive: true });
});

/** A data folder's database and key of the record, as they lie there now: what a killed process leaves. */
interface Lying {
  readonly folder: string;
  readonly keyPath: string;
}

const home = (): Lying => ({ folder: record.storage.folder.path, keyPath: record.keyPath });

let copied = 0;

function copyOf({ folder, keyPath }: Lying, when: string): Lying {
  const to = join(copies, `${String(copied++)}-${when}`);
  mkdirSync(to);
  for (const file of readdirSync(folder)) {
    if (file.startsWith('doorkeep.db')) cpSync(join(folder, file), join(to, file));
  }
  cpSync(keyPath, join(to, 'audit.key'));
  return { folder: to, keyPath: join(to, 'audit.key') };
}

/** The key file of `lying`; everything is copied before and after each write, and where it is `torn`, in the
 * middle of it. */
function watchedDisk(lying: Lying, taken: Lying[], torn: boolean): SlotDisk {
  const disk = new RealSlotDisk(lying.keyPath);
  const write = disk.write.bind(disk);
  disk.write = (position, bytes) => {
    taken.push(copyOf(lying, 'before-write'));
    if (torn) {
      write(position, bytes.subarray(0, TORN_BYTES));
      taken.push(copyOf(lying, 'torn'));
    }
    write(position, bytes);
    taken.push(copyOf(lying, 'written'));
  };
  return disk;
}

/** Does `work`; everything is copied before and after each of its commits. */
async function withCommitsWatched(taken: Lying[], work: () => Promise<void>): Promise<void> {
  const { db } = record;
  const transaction = db.transaction.bind(db);
  db.transaction = (of) => {
    taken.push(copyOf(home(), 'before-commit'));
    const result = transaction(of);
    taken.push(copyOf(home(), 'committed'));
    return result;
  };
  try {
    await work();
  } finally {
    db.transaction = transaction;
  }
}

/** Starts on a copy, with this disk; then does `work`. */
async function startOn<T>(
  { folder }: Lying,
  disk: SlotDisk,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = Database.open(join(folder, 'doorkeep.db'));
  try {
    await record.start(db, disk);
    return await work(db);
  } finally {
    await record.log.close();
    db.close();
  }
}

/** Starts on a copy, adds to it, and checks it. */
function goOn(lying: Lying, isBound: boolean) {
  return startOn(lying, new RealSlotDisk(lying.keyPath), async (db) => {
    if (isBound) await record.log.bind();
    await record.add(2);
    await record.log.settled();
    return record.verify(record.tags, db, lying.keyPath);
  });
}

/** Each of them goes on whole, and so does what lies there where it dies again while it starts. */
async function allGoOn(taken: readonly Lying[], isBound = false): Promise<void> {
  for (const lying of taken) {
    const again: Lying[] = [];
    const restarted = copyOf(lying, 'restarted');
    await startOn(restarted, watchedDisk(restarted, again, true), () => Promise.resolve());
    expect(again.length).toBeGreaterThanOrEqual(6);
    for (const each of [lying, ...again]) {
      expect([each.folder, lying.folder, await goOn(each, isBound)]).toMatchObject([
        ...[each.folder, lying.folder],
        { whole: true, findings: [] },
      ]);
    }
  }
}

describe('the box dies while an entry is added', () => {
  it.each([
    ['in order', false],
    ['with the write torn', true],
  ])(
    'at each write and commit, %s: the record goes on whole',
    async (_name, torn) => {
      await record.add(3);
      await record.log.close();
      const taken: Lying[] = [];
      await record.start(record.db, watchedDisk(home(), taken, torn));
      await withCommitsWatched(taken, () => record.add(2));
      await record.log.close();
      // Two writes of the start; a commit and a write of each entry.
      expect(taken).toHaveLength(torn ? 16 : 12);
      await allGoOn(taken);
      await record.start();
    },
    120_000,
  );

  it('at each write of a new epoch, also when the household has a new key', async () => {
    await record.add(2);
    await record.log.close();
    const taken: Lying[] = [];
    await record.start(record.db, watchedDisk(home(), taken, true));
    await record.newKey();
    taken.length = 0;
    await withCommitsWatched(taken, () => record.log.bind());
    await record.log.close();
    // A write, a commit, and both slots anew.
    expect(taken).toHaveLength(11);
    await allGoOn(taken, true);
    await record.start();
  }, 120_000);

  it.each([
    ['entries are added', false, 6],
    ['an epoch begins', true, 10],
  ])(
    'at each write and commit that fails while %s: all is whole then, and later',
    async (_name, isBinding, steps) => {
      for (let failing = 0; failing < steps; failing += 1) {
        if (isBinding) await record.newKey();
        await record.log.close();
        const fail = failingAt(failing);
        try {
          await record.start(record.db, fail.disk);
          fail.begin();
          for (const count of isBinding ? ['bind', 1, 2] : [1, 2]) {
            const work = count === 'bind' ? record.log.bind() : record.add(Number(count));
            await work.catch(() => undefined);
            // It dies now; and it goes on.
            const { log } = record;
            expect([failing, await goOn(copyOf(home(), 'failed'), isBinding)]).toMatchObject([
              failing,
              { whole: true, findings: [] },
            ]);
            record.log = log;
          }
          expect(fail.hasFailed()).toBe(true);
        } finally {
          fail.end();
        }
        await record.add(2);
        expect([failing, await record.verify()]).toMatchObject([failing, { whole: true }]);
      }
    },
    120_000,
  );
});

/** From `begin` on, the write or commit of this number fails: a write half way, a commit before it began. */
function failingAt(failing: number) {
  const { db } = record;
  const disk = new RealSlotDisk(record.keyPath);
  const write = disk.write.bind(disk);
  const transaction = db.transaction.bind(db);
  let calls = -Infinity;
  const isNow = (): boolean => calls++ === failing;
  disk.write = (position, bytes) => {
    const isBroken = isNow();
    write(position, isBroken ? bytes.subarray(0, TORN_BYTES) : bytes);
    if (isBroken) throw new AppError('io', 'the disk is broken');
  };
  db.transaction = (work) => {
    if (isNow()) throw new AppError('io', 'the disk is broken');
    return transaction(work);
  };
  return {
    disk,
    begin: () => {
      calls = 0;
    },
    hasFailed: () => calls > failing,
    end: () => {
      db.transaction = transaction;
    },
  };
}
