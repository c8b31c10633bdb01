import { describe, expect, it } from 'vitest';
import { mayHold, NEEDED, readManifest } from '../../../server/backup/manifest.ts';

const entry = (name: string, sizeBytes = 10) => ({ name, sizeBytes, sha256: '0'.repeat(64) });

const whole = {
  ...{ format: 1, id: 'a'.repeat(32), program: '1.2.3', schemaVersion: 2, boxId: 'b'.repeat(32) },
  ...{ takenMs: 1_000, takenBy: 'Ada', keyGeneration: 1 },
  entries: NEEDED.map((name) => entry(name)),
};

function read(value: unknown): unknown {
  return readManifest(Buffer.from(JSON.stringify(value)), 2);
}

describe('a manifest', () => {
  it('is read as it was written', () => {
    expect(read(whole)).toEqual(whole);
    expect(read({ ...whole, takenBy: null })).toEqual({ ...whole, takenBy: null });
  });

  it.each([
    ['no object', 7],
    ['null', null],
    ['a list', []],
    ['a field too many', { ...whole, more: 1 }],
    ['a field of another type', { ...whole, takenMs: '1' }],
    ['a missing field', { ...whole, boxId: undefined }],
    ['no entries', { ...whole, entries: [] }],
    ['no database', { ...whole, entries: NEEDED.slice(1).map((name) => entry(name)) }],
    ['a file twice', { ...whole, entries: [...whole.entries, entry(NEEDED[0]!)] }],
    ['another file', { ...whole, entries: [...whole.entries, entry('keys/metrics-token')] }],
    ['a file outside', { ...whole, entries: [...whole.entries, entry('keys/../../x')] }],
    ['footage', { ...whole, entries: [...whole.entries, entry('footage/x.age')] }],
    [
      'a huge key',
      { ...whole, entries: [entry(NEEDED[0]!), ...NEEDED.slice(1).map((n) => entry(n, 2 ** 30))] },
    ],
    [
      'a size of nothing',
      { ...whole, entries: whole.entries.map((one) => ({ ...one, sizeBytes: 0 })) },
    ],
  ])('is refused for %s', (_what, value) => {
    expect(() => read(value)).toThrow(/no backup/);
  });

  it('is refused for nothing and for half of one', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from(JSON.stringify(whole).slice(0, 40))]) {
      expect(() => readManifest(bytes, 2)).toThrow(/no backup/);
    }
  });

  it('of a newer Doorkeep is refused with the version that is needed, whatever else it says', () => {
    for (const newer of [
      { ...whole, schemaVersion: 3 },
      { format: 2, program: '1.2.3' },
    ]) {
      expect(() => read(newer)).toThrow(
        expect.objectContaining({
          kind: 'conflict',
          reason: 'newer-backup',
          hint: 'Install Doorkeep 1.2.3 or a newer one, then restore.',
        }),
      );
    }
    expect(() => read({ format: 2, program: 'rm -rf' })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('that version') as string }),
    );
  });
});

describe('what a backup may hold', () => {
  it.each(['keys/household.json', 'keys/household-0a1b.json', 'keys/tls/own.crt', 'doorkeep.db'])(
    '%s',
    (name) => {
      expect(mayHold(name)).toBe(true);
    },
  );
  it.each([
    'keys/metrics-token',
    'setup-token',
    'doorkeep.db-wal',
    'keys/household-A.json',
    'x\ndoorkeep.db',
  ])('not %j', (name) => {
    expect(mayHold(name)).toBe(false);
  });
});
