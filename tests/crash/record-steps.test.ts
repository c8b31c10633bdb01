/** The box dies at every write of the record (docs/design/audit.md, "Durable order"): the record goes on, whole. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealSlotDisk, type SlotDisk } from '../../server/audit/key-file.ts';
import { AppError } from '../../server/base/errors.ts';
import { Database } from '../../server/storage/database.ts';
import { TestRecord } from '../fixtures/test-record.ts';

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

/** What lies on the disk now: what a killed process leaves. */
function copyAll(name: string): string {
  const folder = join(copies, name);
  mkdirSync(folder);
  const { path } = record.storage.folder;
  for (const file of readdirSync(path)) {
    if (file.startsWith('doorkeep.db')) cpSync(join(path, file), join(folder, file));
  }
  cpSync(record.keyPath, join(folder, 'audit.key'));
  return folder;
}

/** Starts on a copy, adds to it, and checks it. */
async function goOn(folder: string, isBound: boolean) {
  const db = Database.open(join(folder, 'doorkeep.db'));
  const keyPath = join(folder, 'audit.key');
  try {
    const log = await record.start(db, new RealSlotDisk(keyPath));
    if (isBound) await log.bind();
    await record.add(2);
    await log.close();
    return await record.verify(record.tags, db, keyPath);
  } finally {
    db.close();
  }
}

/** Copies everything before and after each write of the key file. */
function watchedDisk(taken: string[], torn = false): SlotDisk {
  const disk = new RealSlotDisk(record.keyPath);
  const write = disk.write.bind(disk);
  disk.write = (position, bytes) => {
    taken.push(copyAll(`${String(taken.length)}-before`));
    if (torn && taken.length % 2 === 1) {
      // A power cut in the middle of it.
      write(position, bytes.subarray(0, 70));
      taken.push(copyAll(`${String(taken.length)}-torn`));
    }
    write(position, bytes);
    taken.push(copyAll(`${String(taken.length)}-after`));
  };
  return disk;
}

describe('the box dies while an entry is added', () => {
  it.each([
    ['in order', false],
    ['with the write torn', true],
  ])(
    'at each write, %s: the record goes on whole',
    async (_name, torn) => {
      await record.add(3);
      await record.log.close();
      const taken: string[] = [];
      await record.start(record.db, watchedDisk(taken, torn));
      await record.add(2);
      await record.log.close();
      expect(taken.length).toBeGreaterThanOrEqual(12);
      for (const folder of taken) {
        expect([folder, await goOn(folder, false)]).toMatchObject([
          folder,
          { whole: true, findings: [] },
        ]);
      }
      await record.start();
    },
    60_000,
  );

  it('at each write of a new epoch, also when the household has a new key', async () => {
    await record.add(2);
    await record.log.close();
    const taken: string[] = [];
    await record.start(record.db, watchedDisk(taken));
    await record.newKey();
    taken.length = 0;
    rmSync(copies, { recursive: true });
    mkdirSync(copies);
    await record.log.bind();
    await record.log.close();
    expect(taken.length).toBeGreaterThanOrEqual(6);
    for (const folder of taken) {
      expect([folder, await goOn(folder, true)]).toMatchObject([
        folder,
        { whole: true, findings: [] },
      ]);
    }
    await record.start();
  }, 60_000);

  it('at each write that fails: nothing is added then, and all is whole later', async () => {
    for (let failing = 0; failing < 6; failing += 1) {
      const disk = new RealSlotDisk(record.keyPath);
      const write = disk.write.bind(disk);
      let calls = 0;
      disk.write = (position, bytes) => {
        calls += 1;
        // The start itself takes two.
        if (calls === failing + 3) throw new AppError('io', 'the disk is broken');
        write(position, bytes);
      };
      await record.log.close();
      await record.start(record.db, disk);
      await record.add(1).catch(() => undefined);
      await record.add(2).catch(() => undefined);
      await record.add(2);
      expect([failing, await record.verify()]).toMatchObject([failing, { whole: true }]);
    }
  }, 60_000);
});
