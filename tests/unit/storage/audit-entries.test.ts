import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import {
  auditEntriesAfter,
  auditEntry,
  insertAuditEntry,
  type StoredAuditEntry,
} from '../../../server/storage/audit-entries.ts';
import { openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

let storage: TestStorage;
beforeEach(async () => {
  storage = await openTestStorage();
});
afterEach(() => {
  storage.remove();
});

const BARE: Omit<StoredAuditEntry, 'sequence'> = {
  ...{ atMs: epochMs(1_000), kind: 'signed-in', userId: undefined, who: 'Zoë' },
  ...{ cameraId: undefined, objectId: undefined, noteJson: undefined, details: undefined },
  // Zeros, and bytes that are no text.
  hash: Buffer.from('00ff'.repeat(16), 'hex'),
  tag: Buffer.from('80c3'.repeat(16), 'hex'),
};

describe('entries of the record', () => {
  it('are read in pages as they were written, with and without bytes of their own', () => {
    const all = [undefined, Buffer.from([0, 1, 0xc3, 0xff, 0]), Buffer.alloc(0), undefined];
    const entries = all.map((details, index) => ({ ...BARE, sequence: index + 1, details }));
    for (const entry of entries) insertAuditEntry(storage.db, entry);
    expect(auditEntriesAfter(storage.db, 0, 10)).toEqual(entries);
    expect(auditEntriesAfter(storage.db, 2, 1)).toEqual([auditEntry(storage.db, 3)]);
  });
});
