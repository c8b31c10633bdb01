/** A restore that is stopped after any of its steps, and gone on with by the next start. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../server/storage/data-folder.ts';
import {
  commitStaging,
  finishRestore,
  newStaging,
} from '../../../server/storage/restore-folder.ts';

let data: string;

/** A box that nobody set up, with the keys of an older household, and a restore that is ready beside it. */
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'doorkeep-restore-'));
  mkdirSync(join(data, 'keys'));
  write('keys/household.json', 'older household');
  write('keys/box.key', 'older box key');
  write('doorkeep.db', 'older index');
  write('doorkeep.db-wal', 'older log');
  write('footage', 'stands for the folder');
});

afterEach(() => {
  rmSync(data, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(data, name), text, { mode: 0o600 });
}

function read(name: string): string {
  return readFileSync(join(data, name), 'utf8');
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

async function stage(): Promise<string> {
  const staging = await newStaging(data);
  mkdirSync(join(staging, 'keys'));
  writeFileSync(join(staging, 'keys', 'household.json'), 'newer household');
  writeFileSync(join(staging, 'keys', 'box.key'), 'newer box key');
  writeFileSync(join(staging, 'doorkeep.db'), 'newer index');
  return staging;
}

function expectRestored(): void {
  expect([read('doorkeep.db'), read('keys/box.key')]).toEqual(['newer index', 'newer box key']);
  expect(read('keys/household.json')).toBe('newer household');
  expect(existsSync(join(data, 'doorkeep.db-wal'))).toBe(false);
  expect(read('footage')).toBe('stands for the folder');
  expect(readdirSync(data).sort()).toEqual(['doorkeep.db', 'footage', 'keys']);
  // What may open footage that nothing else opens is not thrown away.
  const kept = readdirSync(join(data, 'keys')).filter((name) => name.startsWith('household-'));
  expect(kept.map((name) => read(join('keys', name)))).toEqual(['older household']);
}

describe('a restore', () => {
  it('that does not count is taken away, and changes nothing', async () => {
    await stage();
    expect(await finishRestore(data)).toBe(false);
    expect(read('doorkeep.db')).toBe('older index');
    expect(readdirSync(data).filter((name) => name.startsWith('restore'))).toEqual([]);
  });

  it('that counts takes its place, keeps older households and footage, and is done once', async () => {
    await commitStaging(data, await stage());
    expect(await finishRestore(data)).toBe(true);
    expectRestored();
    expect(await finishRestore(data)).toBe(false);
    expectRestored();
  });

  const ready = (name = ''): string => join(data, 'restore-ready', name);
  const STEPS: readonly (readonly [string, () => void])[] = [
    [
      'the older keys are out of the way',
      () => {
        renameSync(join(data, 'keys'), ready('keys-before'));
      },
    ],
    [
      'the newer keys are in',
      () => {
        renameSync(ready('keys'), join(data, 'keys'));
      },
    ],
    [
      'the older household is kept',
      () => {
        // The name that it gets from its content.
        const kept = 'household-' + sha('older household') + '.json';
        renameSync(ready('keys-before/household.json'), join(data, 'keys', kept));
      },
    ],
    [
      'the log is gone',
      () => {
        rmSync(join(data, 'doorkeep.db-wal'));
      },
    ],
    [
      'the newer index is in',
      () => {
        renameSync(ready('doorkeep.db'), join(data, 'doorkeep.db'));
      },
    ],
    [
      'a part of the rest is gone',
      () => {
        rmSync(ready('keys-before'), { recursive: true });
      },
    ],
  ];

  it.each(STEPS.map(([name], index) => [name, index] as const))(
    'is gone on with by a start after a stop when %s',
    async (_name, index) => {
      await commitStaging(data, await stage());
      for (const [, step] of STEPS.slice(0, index + 1)) step();
      expect(await finishRestore(data)).toBe(true);
      expectRestored();
    },
  );

  it('is gone on with by whoever opens the data folder next', async () => {
    rmSync(join(data, 'footage'));
    await commitStaging(data, await stage());
    const folder = await openDataFolder(data);
    expect(read('doorkeep.db')).toBe('newer index');
    expect([folder.wasRestored, existsSync(ready())]).toEqual([true, false]);
    folder.release();
  });
});
