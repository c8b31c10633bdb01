/** A release from the maintainers' command to a folder beside an installation. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT, programVersion } from '../../server/config.ts';
import { SCHEMA_VERSION } from '../../server/storage/migrations.ts';
import { parseReleaseKeys, RELEASE_KEYS_PATH } from '../../server/update/release-keys.ts';
import { ownDate } from '../../server/update/own-date.ts';
import { takeUpdate } from '../../server/update/take-update.ts';

const PROGRAM = join(PACKAGE_ROOT, 'dist', 'server', 'release', 'release.js');

/** What such a folder must hold; the rest of a tree makes it larger only. */
const FILES = ['package.json', 'package-lock.json', '.npmrc', 'server/storage/migrations.ts'];

let place: string;

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'doorkeep-release-'));
  for (const name of FILES) {
    mkdirSync(dirname(join(place, 'tree', name)), { recursive: true });
    copyFileSync(join(PACKAGE_ROOT, name), join(place, 'tree', name));
  }
});

afterAll(() => {
  rmSync(place, { recursive: true, force: true });
});

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH, INIT_CWD: place };
  return spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: PACKAGE_ROOT,
    env,
    encoding: 'utf8',
  });
}

describe('a release', () => {
  it('is signed with a key of the list, and taken by who has that list', async () => {
    const made = run('new-key', 'key.pem');
    expect(made.status).toBe(0);
    expect(statSync(join(place, 'key.pem')).mode & 0o777).toBe(0o600);
    // Never over another one.
    expect(run('new-key', 'key.pem').status).toBe(2);

    const entry: unknown = JSON.parse(made.stdout.split('\n')[1] ?? '');
    const list = join(place, 'tree', RELEASE_KEYS_PATH);
    mkdirSync(dirname(list), { recursive: true });
    writeFileSync(list, '{"keys":[]}');
    const unlisted = run('update', 'tree', '--key', 'key.pem', '--out', '.');
    expect([unlisted.status, unlisted.stderr]).toEqual([2, expect.stringContaining('not in')]);
    writeFileSync(list, JSON.stringify({ keys: [entry] }));
    const released = run('update', 'tree', '--key', 'key.pem', '--out', '.');
    expect([released.status, released.stderr]).toEqual([0, '']);

    mkdirSync(join(place, 'doorkeep'));
    const taken = await takeUpdate(join(place, `doorkeep-${programVersion()}.update`), {
      ...{ programPath: join(place, 'doorkeep'), version: '0.0.1' },
      databaseVersion: SCHEMA_VERSION,
      keys: parseReleaseKeys(readFileSync(list, 'utf8')),
      signal: new AbortController().signal,
    });
    for (const name of FILES) {
      const there = readFileSync(join(taken.path, name));
      expect(there.equals(readFileSync(join(PACKAGE_ROOT, name)))).toBe(true);
    }
    expect(ownDate(taken.path)).toEqual({ date: taken.head.releasedOn, dateOf: 'release' });
  });

  it('is not made of another version than the one that makes it', () => {
    const path = join(place, 'tree', 'package.json');
    const program = readFileSync(path, 'utf8');
    writeFileSync(path, program.replace(programVersion(), '99.0.0'));
    const other = run('update', 'tree', '--key', 'key.pem', '--out', '.');
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('another version')]);
    writeFileSync(path, program);
  });

  it('has a bill of materials on standard output', () => {
    const { status, stdout } = run('sbom');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  });
});
