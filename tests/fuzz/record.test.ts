/** Somebody with the disk and all keys of a moment changes what was before it: each change is found, by name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryHash } from '../../server/audit/entry-hash.ts';
import { AuditKeyFile, RealSlotDisk, type AuditState } from '../../server/audit/key-file.ts';
import { auditTag, nextAuditKey } from '../../server/keys/audit-key.ts';
import {
  auditEntriesAfter,
  insertAuditEntry,
  type StoredAuditEntry,
} from '../../server/storage/audit-entries.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { TestRecord } from '../fixtures/test-record.ts';

const ENTRIES = 60;
const ROUNDS = 1_000;

let record: TestRecord;
let rows: StoredAuditEntry[];
/** What the thief has: the state of time T, after the last entry. */
let stolen: AuditState;
let file: AuditKeyFile;

beforeAll(async () => {
  record = await TestRecord.open();
  await record.add(ENTRIES / 2);
  await record.newKey();
  await record.log.bind();
  await record.add(ENTRIES / 2);
  await record.log.close();
  rows = auditEntriesAfter(record.db, 0, 1_000);
  file = new AuditKeyFile(new RealSlotDisk(record.keyPath), {
    ...{ boxKey: record.boxKey, boxId: record.db.boxId },
  });
  const [found] = await file.read();
  const { key, lastHash } = found!;
  stolen = { ...found!, key: Buffer.from(key), lastHash: Buffer.from(lastHash) };
});
afterAll(() => record.remove());

function putBack(entries: readonly StoredAuditEntry[], state = stolen): void {
  const { db } = record;
  db.transaction(() => {
    db.run('DELETE FROM audit_entry');
    for (const entry of entries) insertAuditEntry(db, entry);
  });
  file.replace(state);
}

/** Makes hashes right again from `from` on, and tags as well as one can with the key of time T. */
function madeToFit(entries: StoredAuditEntry[], from: number): StoredAuditEntry[] {
  let key = stolen.key;
  let previous = entries[from - 1]?.hash ?? Buffer.alloc(32);
  return entries.map((entry, index) => {
    if (index < from) return entry;
    const hash = entryHash(previous, entry);
    const tag = auditTag(key, hash);
    previous = hash;
    key = nextAuditKey(key);
    return { ...entry, hash, tag };
  });
}

/** Answers integers in [0, below). */
type Random = (below: number) => number;

type Change = (random: Random) => {
  readonly entries: StoredAuditEntry[];
  readonly state?: AuditState;
  readonly named: readonly string[];
};

const pick = (random: Random, from: number, to: number): number => from + random(to - from);

function edited(entry: StoredAuditEntry, random: Random): StoredAuditEntry {
  const edits: Partial<StoredAuditEntry>[] = [
    { who: `${entry.who}x` },
    { atMs: (entry.atMs + 1) as StoredAuditEntry['atMs'] },
    { kind: 'signed-out' },
    { userId: (entry.userId ?? 0) + 1 },
    { cameraId: '00000000000000c2' },
    { objectId: 'x' },
    { details: Buffer.from([1]) },
    { noteJson: '{}' },
  ];
  return { ...entry, ...edits[pick(random, 0, edits.length)] };
}

const CHANGES: Readonly<Record<string, Change>> = {
  edit: (random) => {
    const at = pick(random, 0, rows.length);
    return { entries: rows.with(at, edited(rows[at]!, random)), named: ['entry-changed'] };
  },
  'edit, hashes made right': (random) => {
    const at = pick(random, 0, rows.length);
    const entries = madeToFit(rows.with(at, edited(rows[at]!, random)), at);
    return {
      entries,
      state: { ...stolen, lastHash: entries.at(-1)!.hash },
      // The very first entry is from before anybody's key; what follows it is not.
      named: ['entry-not-ours', 'end-not-ours', 'entry-changed'],
    };
  },
  tag: (random) => {
    const at = pick(random, 1, rows.length);
    const tag = Buffer.from(rows[at]!.tag);
    tag[pick(random, 0, 32)]! ^= 1;
    return { entries: rows.with(at, { ...rows[at]!, tag }), named: ['entry-not-ours'] };
  },
  deletion: (random) => {
    const at = pick(random, 1, rows.length - 1);
    return {
      entries: rows.toSpliced(at, pick(random, 1, 4)),
      named: ['entries-missing', 'end-missing'],
    };
  },
  'deletion, the rest moved up': (random) => {
    const at = pick(random, 1, rows.length - 1);
    const moved = rows.toSpliced(at, 1).map((entry, index) => ({ ...entry, sequence: index + 1 }));
    return { entries: madeToFit(moved, at), named: ['entry-not-ours', 'end-missing'] };
  },
  swap: (random) => {
    const at = pick(random, 0, rows.length - 1);
    const [a, b] = [rows[at]!, rows[at + 1]!];
    const entries = rows
      .with(at, { ...b, sequence: a.sequence })
      .with(at + 1, { ...a, sequence: b.sequence });
    return { entries, named: ['entry-changed'] };
  },
  truncation: (random) => ({
    entries: rows.slice(0, pick(random, 1, rows.length)),
    named: ['end-missing'],
  }),
  'truncation, the key file made to fit': (random) => {
    const count = pick(random, 2, rows.length);
    const entries = rows.slice(0, count);
    const lastHash = entries.at(-1)!.hash;
    return { entries, state: { ...stolen, next: count + 1, lastHash }, named: ['end-not-ours'] };
  },
  'truncation, and as if a key had been lost': (random) => {
    const count = pick(random, 2, rows.length);
    const facts = {
      ...{ sequence: count + 1, kind: 'record-resumed', userId: undefined, who: 'box' },
      ...{ noteJson: '{"why":"key-lost"}', details: undefined, atMs: rows[count]!.atMs },
      ...{ cameraId: undefined, objectId: undefined },
    };
    const hash = entryHash(rows[count - 1]!.hash, facts);
    const entries = [...rows.slice(0, count), { ...facts, hash, tag: hash }];
    const state = { ...stolen, next: count + 2, lastHash: hash };
    return { entries, state, named: ['key-lost'] };
  },
  'beginning cut off': (random) => ({
    entries: rows.slice(pick(random, 1, rows.length - 1)),
    named: ['beginning-missing'],
  }),
  'beginning cut off, with an entry that allows it': (random) => {
    const keptFrom = pick(random, 3, rows.length);
    const previous = rows[keptFrom - 2]!.hash.toString('hex');
    const facts = {
      ...{ sequence: rows.length + 1, kind: 'record-pruned', userId: undefined, who: 'box' },
      ...{ noteJson: JSON.stringify({ keptFrom, previous }), details: undefined },
      ...{ cameraId: undefined, objectId: undefined, atMs: rows.at(-1)!.atMs },
    };
    const hash = entryHash(rows.at(-1)!.hash, facts);
    const entry = { ...facts, hash, tag: auditTag(stolen.key, hash) };
    const key = nextAuditKey(stolen.key);
    return {
      entries: [...rows.slice(keptFrom - 1), entry],
      state: { ...stolen, key, next: stolen.next + 1, lastHash: hash },
      named: ['pruned-too-much'],
    };
  },
};

describe('a changed record', () => {
  it('is whole before anything is changed', async () => {
    putBack(rows);
    expect(await record.verify()).toMatchObject({ whole: true, last: rows.length });
  });

  it(`is found out, ${String(ROUNDS)} times of ${String(ROUNDS)}`, async () => {
    const random = randomFrom(20_261_127);
    const names = Object.keys(CHANGES);
    const missed: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = names[round % names.length]!;
      const { entries, state, named } = CHANGES[name]!(random);
      putBack(entries, state);
      const { findings, whole } = await record.verify();
      if (whole || !findings.some((finding) => named.includes(finding.name))) {
        missed.push(`${name}: ${JSON.stringify(findings)}`);
      }
    }
    expect(missed).toEqual([]);
  }, 120_000);
});
