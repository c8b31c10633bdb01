import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileKeyOf } from '../../../server/age/header.ts';
import { newIdentity } from '../../../server/age/identity.ts';
import { makeBackup } from '../../../server/backup/make-backup.ts';
import { DATABASE_NAME, MANIFEST_NAME, type Manifest } from '../../../server/backup/manifest.ts';
import { unpackBackup } from '../../../server/backup/open-backup.ts';
import { stageRestore } from '../../../server/backup/stage-restore.ts';
import { TAR_BLOCK_BYTES, TAR_END, tarHeader, tarPadding } from '../../../server/backup/tar.ts';
import { readHousehold, writeHousehold } from '../../../server/keys/household-file.ts';
import { listCameras } from '../../../server/storage/cameras.ts';
import { takenBackups } from '../../../server/storage/backups-taken.ts';
import { Database } from '../../../server/storage/database.ts';
import { SCHEMA_VERSION } from '../../../server/storage/migrations.ts';
import { takeProcessLock } from '../../../server/storage/process-lock.ts';
import { restoredRunId } from '../../../server/storage/restored-footage.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { hasUsers } from '../../../server/storage/users.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { openFile, sealFile } from '../../fixtures/sealed-file.ts';
import { openTestHousehold, SIGNED_IN, type TestHousehold } from '../../fixtures/test-household.ts';
import { CAMERA_ID, testCamera } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const ID = 'd'.repeat(32);

let home: TestHousehold;
let folder: string;
let path: string;

beforeEach(async () => {
  home = await openTestHousehold();
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-backup-'));
  path = join(folder, 'backup.age');
});

afterEach(() => {
  home.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function take(target = path, note: () => void = () => undefined): Promise<void> {
  await makeBackup(
    {
      ...{ id: ID, paths: home.folder, clock: new TestClock(T0), version: '1.2.3', takenBy: 'Ada' },
      signal: new AbortController().signal,
    },
    { path: target, note },
  );
}

function opener(identity = home.recoveryKey) {
  return (header: Buffer) => fileKeyOf(header, [identity]);
}

async function unpack(from = path, open = opener()): Promise<{ manifest: Manifest; into: string }> {
  const into = mkdtempSync(join(folder, 'out-'));
  return { manifest: await unpackBackup(from, into, open), into };
}

/** The tar inside. */
async function plaintext(): Promise<Buffer> {
  const { sizeBytes, read } = await openFile(readFileSync(path), home.recoveryKey);
  return read(0, sizeBytes);
}

/** Another tar, sealed to the same household. */
async function sealed(tar: Buffer): Promise<string> {
  const other = join(folder, `other-${String(readdirSync(folder).length)}.age`);
  writeFileSync(other, (await sealFile([home.household.recipient], tar)).file);
  return other;
}

describe('a backup', () => {
  it('holds index, household and box key, for this account only, and leaves nothing beside it', async () => {
    await take();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { manifest, into } = await unpack();
    expect(manifest).toMatchObject({
      ...{ format: 1, id: ID, program: '1.2.3', schemaVersion: SCHEMA_VERSION },
      ...{ boxId: home.db.boxId, takenMs: T0, takenBy: 'Ada', keyGeneration: 1 },
    });
    expect(manifest.entries.map(({ name }) => name)).toEqual([
      ...['doorkeep.db', 'keys/box.key', 'keys/household.json'],
    ]);
    for (const name of ['keys/box.key', 'keys/household.json']) {
      const [inside, outside] = [join(into, name), join(home.folder.path, name)];
      expect(readFileSync(inside).equals(readFileSync(outside))).toBe(true);
      expect(statSync(inside).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(home.folder.backupsPath)).toEqual(['lock']);
    const db = Database.open(join(into, DATABASE_NAME));
    expect(listCameras(db)).toEqual([testCamera()]);
    expect(hasUsers(db)).toBe(true);
    db.close();
  });

  it('has nothing of who is signed in, of exports and of the token for metrics', async () => {
    await take();
    const tar = await plaintext();
    expect(tar.includes(SIGNED_IN)).toBe(false);
    expect(tar.includes('e'.repeat(32))).toBe(false);
    expect(tar.includes('m'.repeat(43))).toBe(false);
    // The counter-check: the same search finds what is there.
    expect(tar.includes('Front door')).toBe(true);
    expect(
      readFileSync(home.folder.databasePath).includes(SIGNED_IN) ||
        readFileSync(`${home.folder.databasePath}-wal`).includes(SIGNED_IN),
    ).toBe(true);
  });

  it('is one of age, sealed: nothing of it can be read without the key', async () => {
    await take();
    const bytes = readFileSync(path);
    expect(bytes.subarray(0, 22).toString()).toBe('age-encryption.org/v1\n');
    expect(bytes.includes('Front door')).toBe(false);
    expect(bytes.includes('ustar')).toBe(false);
  });

  it('is of one moment, although rows come while it is copied', async () => {
    const rows = 400;
    for (let i = 0; i < rows; i += 1) insertFakeRun();
    const taking = take();
    // The copying gives way between its steps; here the writer takes its turns.
    for (let i = 0; i < 50; i += 1) {
      insertFakeRun();
      await Promise.resolve();
    }
    await taking;
    const { into } = await unpack();
    const db = Database.open(join(into, DATABASE_NAME));
    const count = db.get({
      sql: 'SELECT count(*) AS count, max(id) AS last FROM run',
      read: (row) => [row.integer('count'), row.integer('last')],
    });
    expect(count?.[0]).toBe(count?.[1]);
    expect(count?.[0]).toBeGreaterThanOrEqual(rows);
    db.close();
  });

  it('is noted before it has its name, and has none when it cannot be noted', async () => {
    await expect(
      take(path, () => {
        expect(existsSync(path)).toBe(false);
        throw new Error('no row');
      }),
    ).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(home.folder.backupsPath)).toEqual(['lock']);
  });

  it('is not made twice at once, and clears up after one that was killed', async () => {
    const left = join(home.folder.backupsPath, 'copy-old.db');
    const release = takeProcessLock(join(home.folder.backupsPath, 'lock'))!;
    writeFileSync(left, 'x');
    await expect(take()).rejects.toThrow(expect.objectContaining({ reason: 'backup-busy' }));
    expect(existsSync(left)).toBe(true);
    release();
    await take();
    expect(existsSync(left)).toBe(false);
  });

  it('is not made of what could not be put back', async () => {
    mkdirSync(join(home.folder.keysPath, 'tls'));
    writeFileSync(join(home.folder.keysPath, 'tls', 'own.crt'), Buffer.alloc(600_000, 'x'));
    await expect(take()).rejects.toThrow(expect.objectContaining({ kind: 'conflict' }));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is for nobody before there is a household', async () => {
    rmSync(join(home.folder.keysPath, 'household.json'));
    await expect(take()).rejects.toThrow(expect.objectContaining({ reason: 'not-set-up' }));
    expect(readdirSync(folder)).toEqual([]);
  });

  function insertFakeRun(): void {
    const anchorMs = home.db.get({ sql: 'SELECT 1 AS one', read: (row) => row.instant('one') })!;
    insertRun(home.db, { cameraId: CAMERA_ID, anchorMs, codecs: 'avc1', width: 1, height: 1 });
  }
});

describe('opening', () => {
  beforeEach(() => take());

  it('refuses another key', async () => {
    await expect(unpack(path, opener(await newIdentity()))).rejects.toThrow(
      expect.objectContaining({ kind: 'unprocessable', reason: 'wrong-recovery-key' }),
    );
  });

  it('refuses one that was cut short, anywhere', async () => {
    const bytes = readFileSync(path);
    const cut = join(folder, 'cut.age');
    // Chunk ends among them: such a file is whole to every length check.
    const lengths = [0, 10, 150, 216, 217, 65_752, 65_753, bytes.length - 17, bytes.length - 1];
    for (const length of lengths) {
      writeFileSync(cut, bytes.subarray(0, length));
      await expect(unpack(cut), String(length)).rejects.toThrow(
        expect.objectContaining({ kind: 'unprocessable' }),
      );
    }
  });

  it('refuses one with a byte changed, anywhere', async () => {
    const bytes = readFileSync(path);
    const other = join(folder, 'other.age');
    for (let i = 0; i < 40; i += 1) {
      const changed = Buffer.from(bytes);
      changed[Math.floor((i / 40) * bytes.length)]! ^= 0x10;
      writeFileSync(other, changed);
      await expect(unpack(other), String(i)).rejects.toThrow(
        expect.objectContaining({ kind: 'unprocessable' }),
      );
    }
  });

  it('refuses what somebody sealed to the household who has not its files', async () => {
    const tar = await plaintext();
    const manifestBytes = Number.parseInt(tar.toString('latin1', 124, 135), 8);
    const dbAt = TAR_BLOCK_BYTES + manifestBytes + tarPadding(manifestBytes);
    const other = (change: (bytes: Buffer) => void): Promise<string> => {
      const bytes = Buffer.from(tar);
      change(bytes);
      return sealed(bytes);
    };
    const wrong = [
      await sealed(Buffer.alloc(0)),
      await sealed(Buffer.from('hello')),
      await sealed(TAR_END),
      await sealed(Buffer.concat([tar, Buffer.alloc(512)])),
      await sealed(tar.subarray(0, -512)),
      // The manifest says another hash than the file has.
      await other((bytes) => (bytes[dbAt + TAR_BLOCK_BYTES + 4_000]! ^= 1)),
      // A way out of the folder, and a link.
      await other((bytes) => {
        tarHeader({ name: 'doorkeep.dc', sizeBytes: 1 }, 0).copy(bytes, dbAt);
      }),
      await other((bytes) => bytes.write('../../../../../evil', dbAt)),
      await other((bytes) => bytes.write('2', dbAt + 156)),
    ];
    for (const [index, file] of wrong.entries()) {
      await expect(unpack(file), String(index)).rejects.toThrow(
        expect.objectContaining({ kind: 'unprocessable' }),
      );
    }
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });

  it('reads no more than there is, whatever an entry claims', async () => {
    const entries = ['doorkeep.db', 'keys/household.json', 'keys/box.key'].map((name) => ({
      ...{ name, sha256: '0'.repeat(64) },
      sizeBytes: name === 'doorkeep.db' ? 8 ** 11 - 1 : 1,
    }));
    const { manifest } = await unpack();
    const text = Buffer.from(JSON.stringify({ ...manifest, entries }));
    const file = await sealed(
      Buffer.concat([
        ...[tarHeader({ name: MANIFEST_NAME, sizeBytes: text.length }, 0), text],
        ...[Buffer.alloc(tarPadding(text.length)), tarHeader(entries[0]!, 0), TAR_END],
      ]),
    );
    const into = mkdtempSync(join(folder, 'huge-'));
    await expect(unpackBackup(file, into, opener())).rejects.toThrow(/no backup/);
    expect(readdirSync(into)).toEqual([]);
  });
});

describe('getting a restore ready', () => {
  const nowMs = T0 + 3_600_000;
  const other = async (): Promise<TestHousehold> => openTestHousehold();

  it('makes a folder that counts for nothing yet, with the flag and the numbers of new runs', async () => {
    await take();
    const box = await other();
    mkdirSync(join(box.folder.footagePath, CAMERA_ID, '31'), { recursive: true });
    const source = { paths: box.folder, file: path, open: opener() };
    const { staging, manifest } = await stageRestore({ ...source, nowMs: nowMs as never });
    expect(manifest.id).toBe(ID);
    expect(readdirSync(staging).sort()).toEqual(['doorkeep.db', 'keys']);
    const db = Database.open(join(staging, 'doorkeep.db'));
    expect(db.boxId).toBe(home.db.boxId);
    expect(db.stoppedCleanly).toBe(true);
    expect(restoredRunId(db)).toBe(nowMs);
    const run = { cameraId: CAMERA_ID, anchorMs: nowMs as never, codecs: 'x', width: 1, height: 1 };
    expect(insertRun(db, run)).toBe(nowMs + 1);
    expect(takenBackups(db)).toEqual([
      {
        ...{ id: ID, takenMs: T0, takenBy: 'Ada', keyGeneration: 1 },
        sizeBytes: statSync(path).size,
      },
    ]);
    db.close();
    box.remove();
  });

  it('keeps no phone unlocked that was kept when the backup was taken', async () => {
    const file = join(home.folder.keysPath, 'household.json');
    const [wrap] = home.household.wraps;
    await writeHousehold(file, {
      ...home.household,
      kept: [
        {
          ...{ id: '00000000000000a1', userId: 1, name: 'Phone', madeMs: T0, usedMs: T0 },
          ...{ waits: false, secretHash: 'aaaa', madeAt: 1, member: 'aaaa' },
          memberRecipient: wrap!.memberRecipient,
        },
      ],
    });
    await take();
    const box = await other();
    const source = { paths: box.folder, file: path, open: opener() };
    const { staging } = await stageRestore({ ...source, nowMs: nowMs as never });
    const restored = await readHousehold(join(staging, 'keys', 'household.json'));
    expect(restored).toEqual({ ...home.household, kept: [] });
    box.remove();
  });

  it('with a clock in 1970 begins above what the backup and the footage have', async () => {
    await take();
    const box = await other();
    mkdirSync(join(box.folder.footagePath, CAMERA_ID, String(T0 + 77)), { recursive: true });
    const source = { paths: box.folder, file: path, open: opener() };
    const { staging } = await stageRestore({ ...source, nowMs: 5_000 as never });
    const db = Database.open(join(staging, 'doorkeep.db'));
    expect(restoredRunId(db)).toBe(T0 + 77);
    db.close();
    box.remove();
  });

  it('refuses an index that is damaged or would do something, and leaves nothing behind', async () => {
    const box = await other();
    const before = readdirSync(box.folder.path).sort();
    for (const spoil of [
      'CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM user; END',
      'CREATE VIEW v AS SELECT 1',
      'PRAGMA foreign_keys = OFF; DELETE FROM camera; PRAGMA foreign_keys = ON',
    ]) {
      const db = home.db as unknown as { run(sql: string): void };
      for (const sql of spoil.split('; ').length === 3 && spoil.startsWith('PRAGMA')
        ? spoil.split('; ')
        : [spoil]) {
        db.run(sql);
      }
      await take();
      const source = { paths: box.folder, file: path, open: opener(), nowMs: nowMs as never };
      await expect(stageRestore(source), spoil).rejects.toThrow(
        expect.objectContaining({ kind: 'unprocessable', reason: 'backup-content' }),
      );
      expect(readdirSync(box.folder.path).sort()).toEqual(before);
      rmSync(path);
    }
    box.remove();
  });
});
