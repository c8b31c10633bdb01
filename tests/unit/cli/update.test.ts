import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { update } from '../../../server/cli/update.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';
import { Database } from '../../../server/storage/database.ts';
import { databaseVersion } from '../../../server/storage/database-version.ts';
import { SCHEMA_VERSION } from '../../../server/storage/migrations.ts';
import { parseReleaseKeys, readReleaseKeys } from '../../../server/update/release-keys.ts';
import { commandAround } from '../../fixtures/command-around.ts';
import { newTestKey, testUpdate } from '../../fixtures/test-update.ts';

const key = newTestKey();

let place: string;
let programPath: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'doorkeep-update-command-'));
  programPath = join(place, 'doorkeep');
  mkdirSync(programPath);
});

afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

describe('update', () => {
  it('says where the new one is and what to do next, and changes nothing else', async () => {
    writeFileSync(join(place, 'a.update'), testUpdate(key));
    const around = commandAround(join(place, 'data'), { workingPath: place, programPath });
    expect(await update(['a.update'], around, key.keys)).toBe(0);
    const target = join(place, 'doorkeep-1.3.0');
    expect(around.printed).toEqual([`Unpacked: Doorkeep 1.3.0 of 2027-02-01, in ${target}.`]);
    const next = around.remarked.join('\n');
    expect(next).toContain('Nothing runs differently yet.');
    expect(next).toContain(`cd ${target} && npm ci`);
    expect(next).toContain(`DOORKEEP_DATA=${join(place, 'data')} npm start`);
    expect(readdirSync(place).sort()).toEqual(['a.update', 'doorkeep', 'doorkeep-1.3.0']);
    expect(readdirSync(programPath)).toEqual([]);
  });

  it('names what an interrupted one has left', async () => {
    const left = join(place, '.doorkeep-1.3.0.part-a1B2c3');
    mkdirSync(left);
    writeFileSync(join(place, 'a.update'), testUpdate(key));
    const around = commandAround(place, { workingPath: place, programPath });
    await update(['a.update'], around, key.keys);
    expect(around.remarked.at(-1)).toBe(`Left by an interrupted update, to delete: ${left}`);
  });

  it('asks the database of the box how new it is', async () => {
    const path = join(place, 'doorkeep.db');
    expect(databaseVersion(path)).toBeUndefined();
    Database.open(path).close();
    expect(databaseVersion(path)).toBe(SCHEMA_VERSION);
    const around = commandAround(place, { workingPath: place, programPath });
    const below = testUpdate(key, { schemaVersion: SCHEMA_VERSION - 1 });
    writeFileSync(join(place, 'a.update'), below);
    await expect(update(['a.update'], around, key.keys)).rejects.toThrow(
      /too old for the database/,
    );
    writeFileSync(path, 'no database at all');
    await expect(update(['a.update'], around, key.keys)).rejects.toThrow();
  });

  it.each([[[]], [['a', 'b']]])('wants one file: %j', async (args) => {
    await expect(update(args, commandAround(place), key.keys)).rejects.toThrow(/Name the one/);
  });

  it.each(['gone.update', '.'])('says that %s cannot be read', async (name) => {
    const around = commandAround(place, { workingPath: place, programPath });
    await expect(update([name], around, key.keys)).rejects.toThrow(/cannot be read|is not a file/);
  });
});

describe('the keys of releases', () => {
  it('are in the repository, and while there are none the command says so', async () => {
    const keys = readReleaseKeys(PACKAGE_ROOT);
    // When the first key is there, this test says instead that a test's key is not among them.
    if (keys.size === 0) {
      writeFileSync(join(place, 'a.update'), testUpdate(key));
      const around = commandAround(place, { workingPath: place, programPath: PACKAGE_ROOT });
      await expect(update(['a.update'], around)).rejects.toThrow(/knows no key/);
    }
    expect([...keys.keys()]).not.toContain([...key.keys.keys()][0]);
  });

  it('are refused as a list when one is wrong', () => {
    const good = readFileSync(join(PACKAGE_ROOT, 'server/update/release-keys.json'), 'utf8');
    expect(() => parseReleaseKeys(good)).not.toThrow();
    const entry = { name: '0'.repeat(16), publicKey: `${'A'.repeat(43)}=`, from: '2027-01-01' };
    expect(() => parseReleaseKeys(JSON.stringify({ keys: [entry] }))).toThrow(/another name/);
    expect(() => parseReleaseKeys(JSON.stringify({ keys: [{ ...entry, more: 1 }] }))).toThrow(
      /wrong/,
    );
  });
});
