import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { entryHash, isEntryHash } from '../../../server/audit/entry-hash.ts';
import { epochMs } from '../../../server/base/time.ts';
import type { AuditFacts } from '../../../server/storage/audit-entries.ts';

const PREVIOUS = Buffer.alloc(32, 0xa5);

const BARE: AuditFacts = {
  ...{ sequence: 7, atMs: epochMs(1_767_268_800_000), kind: 'signed-in', userId: 1, who: 'Ada' },
  ...{ cameraId: undefined, objectId: undefined, noteJson: undefined, details: undefined },
};

const ENTRIES: readonly (readonly [string, AuditFacts])[] = [
  ['with nothing more to say', BARE],
  ['by nobody', { ...BARE, userId: undefined, who: '' }],
  ['with details', { ...BARE, details: Buffer.from('sealed') }],
  ['with all there is', { ...BARE, cameraId: 'c1', objectId: 'o"\\1', noteJson: '{"why":"new"}' }],
  ['of a name with letters of any size', { ...BARE, who: 'Zoë Łukasz 名前 👩‍👧 \u0000 \ud800' }],
];

/** What docs/design/audit.md says, word for word. */
function spelledOut(previous: Buffer, entry: AuditFacts): Buffer {
  const { sequence, atMs, kind, userId, who, cameraId, objectId, noteJson, details } = entry;
  const json = JSON.stringify([
    ...[1, sequence, atMs, kind, userId ?? null, who],
    ...[cameraId ?? null, objectId ?? null, noteJson ?? null],
  ]);
  const sealed = details ? createHash('sha256').update(details).digest() : Buffer.alloc(32);
  return createHash('sha256').update(previous).update(sealed).update(json, 'utf8').digest();
}

describe('the hash of an entry', () => {
  it('is what it was from the first day', () => {
    expect(entryHash(PREVIOUS, { ...BARE, details: Buffer.from('sealed') }).toString('hex')).toBe(
      '371649c7b1328c14ac83dec74209659b5d4a52f5412dd6b8e9b4f827aaf2fc1c',
    );
  });

  it.each(ENTRIES)('%s covers all of it and what was before', (_name, entry) => {
    const hashed = entryHash(PREVIOUS, entry);
    expect(hashed).toEqual(spelledOut(PREVIOUS, entry));
    expect(isEntryHash(hashed, PREVIOUS, entry)).toBe(true);
    expect(isEntryHash(hashed, Buffer.alloc(32), entry)).toBe(false);
    expect(isEntryHash(hashed, PREVIOUS, { ...entry, sequence: 8 })).toBe(false);
    expect(isEntryHash(hashed.subarray(0, 31), PREVIOUS, entry)).toBe(false);
  });
});
