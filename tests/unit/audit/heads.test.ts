import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditReader } from '../../../server/audit/audit-reader.ts';
import { insertTakenBackup } from '../../../server/storage/backups-taken.ts';
import { markRestored } from '../../../server/storage/restored-footage.ts';
import { toRfc3339 } from '../../../server/base/time.ts';
import { TestRecord } from '../../fixtures/test-record.ts';

let record: TestRecord;
beforeEach(async () => {
  record = await TestRecord.open();
  await record.add(5);
});
afterEach(() => record.remove());

function reader(): AuditReader {
  const payloads = { openAll: () => Promise.resolve([]) };
  return new AuditReader({ db: record.db, payloads, head: () => record.log.head });
}

describe('what a browser remembers', () => {
  it('is still there after more entries and a restart', async () => {
    const { head } = record.log;
    await record.add(3);
    await record.log.close();
    await record.start();
    expect(reader().head(head)).toMatchObject({ continuity: 'extends', sequence: 10 });
  });

  it('is told of a restore, and to when the box was set back', async () => {
    const { db, clock } = record;
    const takenMs = clock.wallMs();
    const before = record.log.head;
    await record.add(4);
    const seen = record.log.head;
    await record.log.close();
    // What a restore makes: the rows of then, no key of the record, and a note of the backup.
    db.run('DELETE FROM audit_entry WHERE sequence > :sequence', { sequence: before.sequence });
    rmSync(record.keyPath);
    markRestored(db, 0);
    const taken = { takenMs, takenBy: 'Ada', sizeBytes: 1, keyGeneration: 1 };
    insertTakenBackup(db, { ...taken, id: 'b'.repeat(32) });
    await record.start();
    await record.log.bind();
    expect(reader().head(seen)).toMatchObject({
      ...{ continuity: 'set-back', setBackTo: toRfc3339(takenMs) },
    });
    expect(reader().head(before)).toMatchObject({ continuity: 'extends' });
    expect(await record.verify()).toMatchObject({ whole: true, restores: [toRfc3339(takenMs)] });
    // The next time that the key is gone, it is no restore.
    await record.log.close();
    rmSync(record.keyPath);
    await record.start();
    expect((await record.verify()).findings).toContainEqual({ name: 'key-lost', sequence: 10 });
  });

  it('differs when the record was cut off without a word', () => {
    const seen = record.log.head;
    record.db.run('DELETE FROM audit_entry WHERE sequence > 4');
    expect(reader().head(seen)).toMatchObject({ continuity: 'differs' });
  });
});
