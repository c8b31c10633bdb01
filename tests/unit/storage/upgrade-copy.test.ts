import {
  cpSync,
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
import { insertCamera, listCameras } from '../../../server/storage/cameras.ts';
import { Database, type SchemaOptions } from '../../../server/storage/database.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '../../../server/storage/migrations.ts';
import { realUpgradeFiles, type UpgradeFiles } from '../../../server/storage/upgrade-copy.ts';
import { testCamera } from '../../fixtures/test-storage.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-upgrade-'));
  path = join(folder, 'data', 'doorkeep.db');
  mkdirSync(join(folder, 'data'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const schemaSql = readFileSync(
  new URL('../../../server/storage/schema.sql', import.meta.url),
  'utf8',
);

/** The schema of `count` versions from now; each adds a column. */
function later(count: number): SchemaOptions {
  const added = Array.from({ length: count }, (_, index) => ({
    fromVersion: SCHEMA_VERSION + index,
    sql: `ALTER TABLE camera ADD COLUMN later_${String(index)} TEXT`,
  }));
  const migrations = [...MIGRATIONS, ...added];
  return { version: SCHEMA_VERSION + count, schemaSql, migrations, program: '9.0.0' };
}

/** The real file system; `before` is called before each call that changes something. */
function watched(
  before: (call: number) => void,
  changes: Partial<UpgradeFiles> = {},
): UpgradeFiles {
  let calls = 0;
  const real = { ...realUpgradeFiles, ...changes };
  const counted =
    <A extends unknown[]>(work: (...args: A) => void) =>
    (...args: A): void => {
      before(calls);
      calls += 1;
      work(...args);
    };
  return {
    ...real,
    makeFile: counted(real.makeFile),
    syncFile: counted(real.syncFile),
    rename: counted(real.rename),
    syncFolder: counted(real.syncFolder),
    removeFile: counted(real.removeFile),
  };
}

function camerasIn(at: string, schema?: SchemaOptions): unknown {
  const db = Database.open(at, schema);
  try {
    return listCameras(db);
  } finally {
    db.close();
  }
}

describe('an upgrade', () => {
  it('keeps the database as it was, for the program before', () => {
    const old = Database.open(path);
    insertCamera(old, testCamera());
    old.close();
    expect(camerasIn(path, later(1))).toEqual([testCamera()]);
    const copy = `${path}.before-${String(SCHEMA_VERSION + 1)}`;
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(() => Database.open(path)).toThrow(/version/);
    expect(camerasIn(copy)).toEqual([testCamera()]);
    // Nothing is copied where nothing is migrated.
    rmSync(copy);
    camerasIn(path, later(1));
    expect(readdirSync(join(folder, 'data'))).toEqual(['doorkeep.db']);
  });

  it('keeps two of them', () => {
    Database.open(path).close();
    for (const count of [1, 2, 3]) Database.open(path, later(count)).close();
    const kept = [2, 3].map((count) => `doorkeep.db.before-${String(SCHEMA_VERSION + count)}`);
    expect(readdirSync(join(folder, 'data')).sort()).toEqual(['doorkeep.db', ...kept].sort());
  });

  it('changes nothing where the disk has no room for the copy, and says how much it takes', () => {
    const old = Database.open(path);
    insertCamera(old, testCamera());
    old.close();
    const files = watched(() => undefined, { freeBytes: () => 16 * 1024 * 1024 });
    expect(() => Database.open(path, later(1), { files })).toThrow(
      expect.objectContaining({
        ...{ kind: 'io', reason: 'disk-full' },
        hint: expect.stringMatching(/free 17 MiB/) as string,
      }),
    );
    expect(readdirSync(join(folder, 'data'))).toEqual(['doorkeep.db']);
    expect(camerasIn(path)).toEqual([testCamera()]);
  });

  it('can be killed before and after every step', () => {
    Database.open(path).close();
    for (const count of [1, 2]) Database.open(path, later(count)).close();
    const before = Database.open(path, later(2));
    insertCamera(before, testCamera());
    before.close();
    // What lies on the disk at each moment, log and all, is what a kill would leave.
    const states: string[] = [];
    const keep = (): void => {
      const state = join(folder, `state-${String(states.length)}`);
      cpSync(join(folder, 'data'), state, { recursive: true });
      states.push(state);
    };
    const db = Database.open(path, later(3), { files: watched(keep) });
    keep();
    db.close();
    // Make, sync, rename, sync the folder; one old copy to delete; and the end.
    expect(states).toHaveLength(6);
    const copies = states.map((state) =>
      readdirSync(state).includes(`doorkeep.db.before-${String(SCHEMA_VERSION + 3)}`),
    );
    expect(copies).toEqual([false, false, false, true, true, true]);
    for (const state of states) {
      const at = join(state, 'doorkeep.db');
      expect([state, camerasIn(at, later(3))]).toEqual([state, [testCamera()]]);
      const copy = `${at}.before-${String(SCHEMA_VERSION + 3)}`;
      expect([state, camerasIn(copy, later(2))]).toEqual([state, [testCamera()]]);
    }
  });

  it('begins the copy anew that a kill left half done', () => {
    const old = Database.open(path);
    insertCamera(old, testCamera());
    old.close();
    const copy = `${path}.before-${String(SCHEMA_VERSION + 1)}`;
    writeFileSync(`${copy}.part`, 'half a database');
    Database.open(path, later(1)).close();
    expect(camerasIn(copy)).toEqual([testCamera()]);
    expect(readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
