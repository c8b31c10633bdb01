/** What lies where, and what must not lie anywhere. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { mediaAvailable, mediaFolder } from '../fixtures/media.ts';
import { filesBelow, textOf } from './tree.ts';

/** The top level of the architecture page; dot-files are free. */
const TOP_LEVEL = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'docker-compose.yml'],
  ...['README.md', 'LICENSE', 'CHANGELOG.md'],
  ...['server', 'worker', 'web', 'models', 'tests', 'docs'],
];

/** Larger files are media, weights or builds, and belong elsewhere; the lock file is text. */
const FILE_MAX_BYTES = 300_000;

const files = filesBelow();

describe('the top level', () => {
  it('has the names of the layout and no others', () => {
    const names = new Set(files.map((path) => path.split('/')[0] ?? ''));
    const unknown = [...names].filter((name) => !name.startsWith('.') && !TOP_LEVEL.includes(name));
    expect(unknown).toEqual([]);
  });
});

describe('every file', () => {
  it('is small', () => {
    const large = files.filter(
      (path) =>
        path !== 'package-lock.json' && statSync(join(PACKAGE_ROOT, path)).size > FILE_MAX_BYTES,
    );
    expect(large).toEqual([]);
  });

  it('names no place of the machine it was written on', () => {
    // The folder this tree lies in, the home folder of who runs the tests, and the usual ones.
    const own = [PACKAGE_ROOT.replace(/\/$/, ''), homedir()].filter((path) => path.length > 5);
    const usual = ['/' + 'work/', '/' + 'root/', '/' + 'Users/'];
    const wrong = files.filter((path) => {
      const text = textOf(path);
      return [...own, ...usual].some((place) => new RegExp(`(?<![\\w./-])${place}`).test(text));
    });
    expect(wrong).toEqual([]);
  });

  it.skipIf(!mediaAvailable)('is none of the shared media', () => {
    const hashOf = (path: string): string =>
      createHash('sha256').update(readFileSync(path)).digest('hex');
    const shared = ['images', 'videos']
      .map((name) => join(mediaFolder, name))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => hashOf(join(folder, name))));
    expect(shared.length).toBeGreaterThan(0);
    expect(files.filter((path) => shared.includes(hashOf(join(PACKAGE_ROOT, path))))).toEqual([]);
  });
});
