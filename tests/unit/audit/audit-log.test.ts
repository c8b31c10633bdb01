import { readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AuditKeyFile,
  type AuditState,
  peekAuditState,
  RealSlotDisk,
} from '../../../server/audit/key-file.ts';
import { UTC_DAY_MS } from '../../../server/base/time.ts';
import { AppError } from '../../../server/base/errors.ts';
import { nextAuditKey } from '../../../server/keys/audit-key.ts';
import {
  auditEntriesAfter,
  auditEpochs,
  firstAuditEntry,
  lastAuditEntry,
} from '../../../server/storage/audit-entries.ts';
import { TestRecord } from '../../fixtures/test-record.ts';

let record: TestRecord;
beforeEach(async () => {
  record = await TestRecord.open();
});
afterEach(() => record.remove());

/** A page each (key-file.ts). */
const SLOT_BYTES = 4_096;

const keyFileKeys = () => ({ boxKey: record.boxKey, boxId: record.db.boxId });

/** What opens with the box key, each slot by itself. */
async function keysInSlots(): Promise<AuditState[]> {
  const whole = readFileSync(record.keyPath);
  const alone = [0, 1].map(async (slot) => {
    const path = `${record.keyPath}-slot`;
    const content = Buffer.alloc(whole.length);
    whole.copy(content, slot * SLOT_BYTES, slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
    const disk = Object.assign(new RealSlotDisk(path), { read: () => Promise.resolve(content) });
    return new AuditKeyFile(disk, keyFileKeys()).read();
  });
  return (await Promise.all(alone)).flat();
}

const kinds = (): string[] => auditEntriesAfter(record.db, 0, 1_000).map(({ kind }) => kind);

describe('the record', () => {
  it('begins, is bound to the household, and goes on over restarts', async () => {
    await record.add(5);
    expect(kinds().slice(0, 2)).toEqual(['record-begun', 'record-bound']);
    await record.log.close();
    await record.start();
    await record.add(5);
    const outcome = await record.verify();
    expect(outcome).toMatchObject({ whole: true, last: 12, bound: 11, findingsTotal: 0 });
    expect(record.log.head).toEqual({
      sequence: 12,
      hash: lastAuditEntry(record.db)?.hash.toString('hex'),
    });
  });

  it('begins a new epoch with a new key of the household, once', async () => {
    await record.add(3);
    await record.newKey();
    await record.log.bind();
    await record.log.bind();
    await record.add(3);
    expect(kinds().filter((kind) => kind === 'record-bound')).toHaveLength(2);
    expect(await record.verify()).toMatchObject({ whole: true });
    // Who has the older sheet alone checks what is from its time, and is told of the rest.
    const [older] = record.identities;
    record.identities.splice(0, 2, older!);
    const outcome = await record.verify();
    expect(outcome.findings).toContainEqual({ name: 'not-checkable', sequence: 6 });
  });

  it('holds no used key: each one that lay in the file is gone after its entry', async () => {
    const used: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      // The file is sealed; what one finds in it with the box key is the next key and the one after it.
      const [next, after] = (await keysInSlots()).sort((a, b) => a.next - b.next);
      expect(next!.next).toBe(record.log.head.sequence + 1);
      expect(after).toMatchObject({ next: next!.next + 1, key: nextAuditKey(next!.key) });
      expect(used).not.toContain(next!.key.toString('hex'));
      used.push(next!.key.toString('hex'));
      await record.add(1);
    }
  });

  it('takes a file of one key, as older versions left it', async () => {
    await record.add(2);
    await record.log.close();
    const state = (await peekAuditState(record.keyPath, keyFileKeys()))!;
    const disk = new RealSlotDisk(record.keyPath);
    await disk.create(Buffer.alloc(SLOT_BYTES * 2));
    new AuditKeyFile(disk, keyFileKeys()).writeBeside(state);
    disk.close();
    await record.start();
    await record.add(1);
    expect(await record.verify()).toMatchObject({ whole: true, last: 5 });
  });

  it('says so when its key is gone, and goes on', async () => {
    await record.add(3);
    await record.log.close();
    rmSync(record.keyPath);
    await record.start();
    await record.log.bind();
    await record.add(1);
    const outcome = await record.verify();
    expect(outcome.findings).toEqual([{ name: 'key-lost', sequence: 6 }]);
  });

  it.each([1, 2, 3, 4])(
    'says which entries are missing when a database is put back that is %i older',
    async (count) => {
      await record.add(3);
      const before = auditEntriesAfter(record.db, 0, 100).length;
      await record.add(count);
      const { hash: previous } = record.log.head;
      await record.log.close();
      record.db.run('DELETE FROM audit_entry WHERE sequence > :before', { before });
      await record.start();
      const last = lastAuditEntry(record.db)!;
      expect(last).toMatchObject({ kind: 'record-missing', sequence: 6 + count });
      expect(JSON.parse(last.noteJson!)).toMatchObject({ from: 6, to: 5 + count, previous });
      await record.add(2);
      expect((await record.verify()).findings).toEqual([{ name: 'entries-missing', sequence: 6 }]);
    },
  );

  it.each([1, 2])(
    'says so also when a power cut tore a slot before that, and it is %i older',
    async (count) => {
      await record.add(3);
      await record.log.close();
      const disk = new RealSlotDisk(record.keyPath);
      const write = disk.write.bind(disk);
      await record.start(record.db, disk);
      disk.write = (position, bytes) => {
        write(position, bytes.subarray(0, 70));
        throw new AppError('io', 'the power is gone');
      };
      await expect(record.add(1)).rejects.toMatchObject({ kind: 'io' });
      await record.log.close();
      expect(await keysInSlots()).toMatchObject([{ next: 7 }]);
      record.db.run('DELETE FROM audit_entry WHERE sequence > :before', { before: 6 - count });
      await record.start();
      await record.add(2);
      const { findings } = await record.verify();
      expect(findings).toEqual([{ name: 'entries-missing', sequence: 7 - count }]);
    },
  );

  it('goes on when the whole database was lost', async () => {
    await record.add(3);
    await record.log.close();
    record.db.run('DELETE FROM audit_entry');
    record.db.run('DELETE FROM audit_epoch');
    await record.start();
    expect(lastAuditEntry(record.db)).toMatchObject({ kind: 'record-missing', sequence: 6 });
    const outcome = await record.verify();
    expect(outcome.findings).toEqual([{ name: 'beginning-missing', sequence: 1 }]);
    expect(outcome.bound).toBe(1);
  });

  it('refuses an entry that the disk refuses, and adds the next one', async () => {
    const disk = new RealSlotDisk(record.keyPath);
    const write = disk.write.bind(disk);
    let isBroken = false;
    disk.write = (position, bytes) => {
      if (isBroken) throw new AppError('io', 'broken');
      write(position, bytes);
    };
    await record.log.close();
    await record.start(record.db, disk);
    isBroken = true;
    await expect(record.add(1)).rejects.toMatchObject({ kind: 'io' });
    await expect(record.add(1)).rejects.toMatchObject({ kind: 'io' });
    isBroken = false;
    await record.add(2);
    // The first one was written before its key could be erased; the second one never was.
    expect(await record.verify()).toMatchObject({ whole: true, last: 5 });
  });

  it('is pruned by age and by number, visibly, and can be checked afterwards', async () => {
    await record.add(2);
    const { db } = record;
    // As if a very long time had passed: the limits are those of the product.
    const entries = 101_500;
    await record.grow(entries);
    await record.clock.advance(401 * UTC_DAY_MS);
    await record.add(1);
    await record.log.settled();
    await record.add(1);
    const first = firstAuditEntry(db)!;
    expect(first.sequence).toBeGreaterThan(1_000);
    expect(lastAuditEntry(db)!.sequence - first.sequence).toBeGreaterThanOrEqual(100_000);
    expect(await record.verify()).toMatchObject({ whole: true, first: first.sequence });
    db.run('DELETE FROM audit_entry WHERE sequence < :sequence', { sequence: first.sequence + 5 });
    expect((await record.verify()).findings.map(({ name }) => name)).toEqual(['beginning-missing']);
  }, 60_000);

  it('keeps one epoch for each time that the keys began anew', () => {
    expect(auditEpochs(record.db)).toHaveLength(2);
  });
});
