/** What `npm ci` installs: every byte of it is named in advance, and none of it runs by itself. */
import { describe, expect, it } from 'vitest';
import { folderSeenFrom, type LockEntry, nameOfFolder } from '../../server/release/lock-file.ts';
import { readLockFile } from './production-packages.ts';
import { textOf } from './tree.ts';

/** Where a package may come from, when the lock file says it at all. */
const REGISTRY = 'https://registry.npmjs.org/';

/**
 * Packages that would run something at installation, and why nothing is lost when they do not.
 * `.npmrc` says `ignore-scripts`, and set-up does what is needed by name (docs/adr/0001).
 */
const WITH_INSTALL_SCRIPT: Readonly<Record<string, string>> = {
  'better-sqlite3':
    'It would download a compiled driver from GitHub; set-up compiles the source instead (ADR 4).',
  'ffmpeg-static':
    'It would download ffmpeg from GitHub unchecked; set-up does so last of all, and compares a hash (ADR 5).',
};

const lock = readLockFile();
const entries = Object.entries(lock.packages).filter(([folder]) => folder !== '');

/** What is wrong with an entry, in words; '' when nothing is. */
function faultOf([folder, entry]: [string, LockEntry]): string {
  if (entry.link === true || entry.version === undefined) return `${folder}: not from a registry`;
  // What another package carries inside itself has that package's integrity, and no words of its own.
  if (entry.inBundle === true) return `${folder}: a copy inside another package`;
  if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '')) {
    return `${folder}: no SHA-512 of what it is`;
  }
  // Without it npm asks the registry that is set; the hash says whether the answer is the same.
  if (entry.resolved !== undefined && !entry.resolved.startsWith(REGISTRY)) {
    return `${folder}: comes from ${entry.resolved}`;
  }
  return '';
}

describe('package-lock.json', () => {
  it('names the SHA-512 of each package, and no place but the registry', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.map(faultOf).filter((fault) => fault !== '')).toEqual([]);
  });

  it('asks for what package.json asks for', () => {
    const wanted = JSON.parse(textOf('package.json')) as LockEntry;
    const root = lock.packages[''];
    expect(root?.dependencies).toEqual(wanted.dependencies);
    expect(root?.devDependencies).toEqual(wanted.devDependencies);
  });

  it('has an entry for everything that an entry needs', () => {
    const missing = entries.flatMap(([folder, entry]) =>
      Object.keys(entry.dependencies ?? {})
        .filter((name) => folderSeenFrom(lock, folder, name) === undefined)
        .map((name) => `${folder} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    ['a package from git', { version: '1.0.0', resolved: 'git+ssh://git@github.com/a/b.git#1' }],
    ['another registry', { ...good(), resolved: 'https://registry.example/a.tgz' }],
    ['no hash', { version: '1.0.0' }],
    ['a weak hash', { version: '1.0.0', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['a folder', { link: true, resolved: '../a' }],
  ])('would not pass with %s', (_what, entry: LockEntry) => {
    expect(faultOf(['node_modules/a', entry])).not.toBe('');
    expect(faultOf(['node_modules/a', good()])).toBe('');
  });
});

describe('install scripts', () => {
  it('do not run', () => {
    expect(textOf('.npmrc').split('\n')).toContain('ignore-scripts=true');
    // A service and an image install as everybody does.
    expect(textOf('server/Dockerfile')).not.toMatch(/--ignore-scripts[= ]false|npm rebuild/);
  });

  it('are those that somebody has looked at', () => {
    const found = entries
      .filter(([, entry]) => entry.hasInstallScript === true)
      .map(([folder]) => nameOfFolder(folder));
    expect([...new Set(found)].sort()).toEqual(Object.keys(WITH_INSTALL_SCRIPT).sort());
  });
});

function good(): LockEntry {
  return { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==` };
}
