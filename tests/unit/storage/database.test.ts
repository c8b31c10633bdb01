import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { insertCamera, listCameras } from '../../../server/storage/cameras.ts';
import { Database } from '../../../server/storage/database.ts';
import { insertGap, openGapOf } from '../../../server/storage/gaps.ts';
import {
  MIGRATIONS,
  migrationsFrom,
  SCHEMA_VERSION,
  type Migration,
} from '../../../server/storage/migrations.ts';
import { CAMERA_ID, testCamera } from '../../fixtures/test-storage.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-db-'));
  path = join(folder, 'doorkeep.db');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function raw<T>(work: (connection: SQLite.Database) => T): T {
  const connection = new SQLite(path);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

const schemaSql = readFileSync(
  new URL('../../../server/storage/schema.sql', import.meta.url),
  'utf8',
);

describe('opening the database', () => {
  it('creates it once, private, and keeps what is in it', () => {
    const first = Database.open(path);
    insertCamera(first, testCamera());
    const { boxId } = first;
    first.close();
    first.close();
    const second = Database.open(path);
    expect(boxId).toMatch(/^[0-9a-f]{32}$/);
    expect(second.boxId).toBe(boxId);
    expect(listCameras(second)).toEqual([testCamera()]);
    second.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('tells an orderly stop from a crash', () => {
    const first = Database.open(path);
    expect(first.stoppedCleanly).toBe(true);
    first.close();
    const second = Database.open(path);
    expect(second.stoppedCleanly).toBe(false);
    insertCamera(second, testCamera());
    insertGap(second, {
      cameraId: CAMERA_ID,
      fromMs: epochMs(5),
      toMs: undefined,
      reason: 'stopped',
    });
    second.markStoppedCleanly();
    second.close();
    const third = Database.open(path);
    expect(third.stoppedCleanly).toBe(true);
    expect(openGapOf(third, CAMERA_ID)?.reason).toBe('server-stopped');
    third.close();
  });

  it('refuses a newer version and names it', () => {
    Database.open(path).close();
    const newer = `UPDATE meta SET schema_version = 777, program_version = '12.3.0'`;
    raw((connection) => connection.exec(newer));
    const refusal = (hint: string): unknown =>
      expect.objectContaining({
        ...{ kind: 'conflict', message: expect.stringContaining('version 777') as string },
        hint: expect.stringContaining(hint) as string,
      });
    expect(() => Database.open(path)).toThrow(refusal('needs Doorkeep 12.3.0 or newer'));
    // What a database says is shown to people only where it is a version.
    raw((connection) => connection.exec(`UPDATE meta SET program_version = 'click here'`));
    expect(() => Database.open(path)).toThrow(refusal('the newer Doorkeep again'));
    raw((connection) => connection.exec('ALTER TABLE meta DROP COLUMN program_version'));
    expect(() => Database.open(path)).toThrow(refusal('the newer Doorkeep again'));
  });

  it('refuses a version that is too old to be migrated', () => {
    Database.open(path).close();
    const schema = { version: SCHEMA_VERSION + 2, schemaSql, migrations: [], program: '9.0.0' };
    expect(() => Database.open(path, schema)).toThrow(/too old/);
  });

  it('refuses the database of another program', () => {
    raw((connection) => connection.exec('CREATE TABLE theirs (a)'));
    expect(() => Database.open(path)).toThrow(expect.objectContaining({ kind: 'conflict' }));
  });

  it('says corrupt for a file that is not a database, and for one that is torn', () => {
    writeFileSync(path, 'these are not the bytes of a database'.repeat(200));
    expect(() => Database.open(path)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
    rmSync(path);
    Database.open(path).close();
    writeFileSync(path, readFileSync(path).fill(0xaa, 100, 8_192));
    expect(() => Database.open(path)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('says io when the file cannot be made', () => {
    expect(() => Database.open(join(folder, 'absent', 'doorkeep.db'))).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });

  it('sets what the durable order relies on', () => {
    const db = Database.open(path);
    const pragma = (name: string): unknown =>
      db.get({ sql: `SELECT * FROM pragma_${name}`, read: (row) => row });
    expect(pragma('journal_mode')).toBeDefined();
    expect(
      db.get({
        sql: 'SELECT (SELECT * FROM pragma_synchronous) AS level',
        read: (row) => row.integer('level'),
      }),
    ).toBe(2);
    expect(
      db.get({
        sql: 'SELECT (SELECT * FROM pragma_secure_delete) AS level',
        read: (row) => row.integer('level'),
      }),
    ).toBe(1);
    expect(
      db.get({
        sql: 'SELECT (SELECT * FROM pragma_journal_mode) AS mode',
        read: (row) => row.text('mode'),
      }),
    ).toBe('wal');
    db.close();
  });
});

describe('using the database', () => {
  it('does all of a transaction or nothing, also inside another', () => {
    const db = Database.open(path);
    expect(() => {
      db.transaction(() => {
        insertCamera(db, testCamera());
        throw new TypeError('half way');
      });
    }).toThrow(expect.objectContaining({ kind: 'internal' }));
    expect(listCameras(db)).toEqual([]);
    db.transaction(() => {
      insertCamera(db, testCamera());
      expect(() => {
        db.transaction(() => {
          insertCamera(db, testCamera({ id: '00000000000000c2' }));
          insertCamera(db, testCamera());
        });
      }).toThrow(expect.objectContaining({ kind: 'conflict' }));
    });
    expect(listCameras(db)).toEqual([testCamera()]);
    db.close();
  });

  it('calls a column of another type a defect', () => {
    const db = Database.open(path);
    const read = (sql: string): unknown => db.get({ sql, read: (row) => row.text('value') });
    expect(read(`SELECT 'a' AS value`)).toBe('a');
    expect(() => read('SELECT 1 AS value')).toThrow(expect.objectContaining({ kind: 'internal' }));
    expect(() => read(`SELECT 'a' AS other`)).toThrow(/column value/);
    db.close();
  });
});

describe('migrations', () => {
  const NEWER = SCHEMA_VERSION + 2;
  const steps: readonly Migration[] = [
    { fromVersion: SCHEMA_VERSION, sql: 'ALTER TABLE camera ADD COLUMN place TEXT' },
    { fromVersion: SCHEMA_VERSION + 1, sql: `UPDATE camera SET place = 'door'` },
  ];

  const newer = (migrations: readonly Migration[]) => ({
    ...{ version: NEWER, schemaSql, migrations, program: '9.0.0' },
  });

  it('has a step from every version that was released', () => {
    expect(MIGRATIONS.map((step) => step.fromVersion)).toEqual(
      Array.from({ length: SCHEMA_VERSION - 1 }, (_, i) => i + 1),
    );
    expect(migrationsFrom(SCHEMA_VERSION, NEWER, steps)).toEqual(steps);
    expect(migrationsFrom(SCHEMA_VERSION - 1, NEWER, steps)).toBeUndefined();
  });

  it('carries an older database forward, step by step', () => {
    const old = Database.open(path);
    insertCamera(old, testCamera());
    old.close();
    const db = Database.open(path, newer(steps));
    const place = db.get({ sql: 'SELECT place FROM camera', read: (row) => row.text('place') });
    expect(place).toBe('door');
    db.close();
    expect(() => Database.open(path)).toThrow(new RegExp(`version ${String(NEWER)}`));
  });

  it('leaves the old database whole when a step does not work', () => {
    const old = Database.open(path);
    insertCamera(old, testCamera());
    old.close();
    const broken = [
      steps[0]!,
      { fromVersion: SCHEMA_VERSION + 1, sql: 'UPDATE nothing SET a = 1' },
    ];
    expect(() => Database.open(path, newer(broken))).toThrow();
    const dangling = [
      steps[0]!,
      {
        fromVersion: SCHEMA_VERSION + 1,
        sql: `INSERT INTO gap
      (camera_id, from_ms, reason) VALUES ('nobody', 1, 'stalled')`,
      },
    ];
    expect(() => Database.open(path, newer(dangling))).toThrow(/refer to nothing/);
    const again = Database.open(path);
    expect(listCameras(again)).toEqual([testCamera()]);
    again.close();
  });

  it('makes of version 1 what is made afresh', () => {
    raw((connection) => {
      connection.exec(
        readFileSync(new URL('../../fixtures/schema/1.sql', import.meta.url), 'utf8'),
      );
      connection.pragma(`application_id = ${String(0x646f6f72)}`);
      connection.exec(`INSERT INTO meta VALUES (1, 1, '${'0'.repeat(32)}', 1)`);
    });
    Database.open(path).close();
    const migrated = raw(tables);
    rmSync(path);
    Database.open(path).close();
    expect(migrated).toEqual(raw(tables));
    expect(Object.keys(migrated)).toContain('segment');
  });
});

/** What each table and index was made with, without comments and line breaks. */
function tables(connection: SQLite.Database): Record<string, string> {
  const rows = connection
    .prepare<[], { name: string; sql: string }>(
      'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name',
    )
    .all();
  return Object.fromEntries(
    rows.map(({ name, sql }) => [
      name,
      sql
        .replaceAll(/--.*$/gmu, '')
        .replaceAll(/\s+/gu, ' ')
        .replaceAll(/ ?([(),]) ?/gu, '$1')
        // SQLite quotes the name of a table that a migration has renamed.
        .replace(/^CREATE TABLE "(\w+)"/u, 'CREATE TABLE $1'),
    ]),
  );
}
