import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stageRestore } from '../../../server/backup/stage-restore.ts';
import { fileKeyOf } from '../../../server/age/header.ts';
import { epochMs } from '../../../server/base/time.ts';
import { backup } from '../../../server/cli/backup.ts';
import { restore } from '../../../server/cli/restore.ts';
import { takenBackups } from '../../../server/storage/backups-taken.ts';
import { openDataFolder } from '../../../server/storage/data-folder.ts';
import { Database } from '../../../server/storage/database.ts';
import { commitStaging } from '../../../server/storage/restore-folder.ts';
import { hasUsers } from '../../../server/storage/users.ts';
import { commandAround } from '../../fixtures/command-around.ts';
import { openTestHousehold, type TestHousehold } from '../../fixtures/test-household.ts';

let home: TestHousehold;
let folder: string;
let file: string;

/** A household, and its backup in another place. */
beforeEach(async () => {
  home = await openTestHousehold();
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-restore-'));
  const around = commandAround(home.folder.path, { workingPath: folder });
  expect(await backup(['--out', '.'], around)).toBe(0);
  file = around.printed[0]!;
});

afterEach(() => {
  home.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('backup', () => {
  it('names its file in a folder, and is listed as taken at the command line', () => {
    expect(file).toMatch(/doorkeep-backup-\d{4}-\d\d-\d\dT\d{4}Z\.age$/);
    expect(takenBackups(home.db)).toMatchObject([{ takenBy: null, keyGeneration: 1 }]);
  });

  it.each([[[]], [['x']], [['--out', 'a', 'b']]])('wants one file to write: %j', async (args) => {
    await expect(backup(args, commandAround(home.folder.path))).rejects.toThrow(/Name the file/);
  });
});

describe('restore', () => {
  it('asks for the key, three times at most', async () => {
    const dataPath = join(folder, 'new');
    const answers = ['no key', home.recoveryKey.toLowerCase()];
    const around = commandAround(dataPath, { workingPath: folder, answers });
    expect(await restore([file], around)).toBe(0);
    expect(around.printed).toEqual([expect.stringMatching(/^Restored: the backup of /)]);
    const db = Database.open(join(dataPath, 'doorkeep.db'));
    expect(hasUsers(db)).toBe(true);
    db.close();
    const noKey = commandAround(join(folder, 'other'), { answers: ['a', 'b', 'c', 'd'] });
    await expect(restore([file], noKey)).rejects.toThrow(/No recovery key/);
  });

  it('goes into the box that nobody set up, over footage, and over nothing else', async () => {
    const box = await openDataFolder(join(folder, 'started'));
    Database.open(box.databasePath).close();
    box.release();
    mkdirSync(join(box.footagePath, '0'.repeat(16)));
    const answers = [home.recoveryKey];
    expect(await restore([file], commandAround(box.path, { answers }))).toBe(0);
    expect(existsSync(join(box.footagePath, '0'.repeat(16)))).toBe(true);
    const again = commandAround(box.path, { answers });
    await expect(restore([file], again)).rejects.toThrow(/holds a box already/);
    const damaged = join(folder, 'damaged');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'doorkeep.db'), 'not SQLite, and perhaps all there is'.repeat(99));
    await expect(restore([file], commandAround(damaged, { answers }))).rejects.toThrow(
      /holds a box already/,
    );
  });

  it('finishes what was interrupted once it counted, and says so', async () => {
    const box = await openDataFolder(join(folder, 'interrupted'));
    const { staging } = await stageRestore({
      ...{ paths: box, file, nowMs: epochMs(1_000) },
      open: (header) => fileKeyOf(header, [home.recoveryKey]),
    });
    await commitStaging(box.path, staging);
    box.release();
    const around = commandAround(box.path);
    expect(await restore([file], around)).toBe(0);
    expect(around.printed).toEqual(['Finished: the restore that was interrupted here before.']);
    expect(readdirSync(box.path).filter((name) => name.startsWith('restore'))).toEqual([]);
    expect(existsSync(box.databasePath)).toBe(true);
  });
});
