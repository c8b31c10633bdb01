/**
 * `restore FILE [--identity FILE]`: a backup into a data folder in which nobody has an account. Footage that
 * lies there stays. Steps: docs/design/backup.md, "Restore".
 */
import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stageRestore } from '../backup/stage-restore.ts';
import { AppError } from '../base/errors.ts';
import { type DataFolder, openDataFolder } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import { fileError } from '../storage/file-error.ts';
import { commitStaging, finishRestore } from '../storage/restore-folder.ts';
import { hasUsers } from '../storage/users.ts';
import { EXIT_FINE, type ExitStatus, parseStrictly, type Surroundings } from './command.ts';
import { keysFromFile, keysFromPrompt, refuseKeyArgument } from './recovery-key.ts';

/** How it is called. */
export const RESTORE_USAGE = 'Use: restore FILE [--identity FILE]';

/** See the head of this file. */
export async function restore(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  refuseKeyArgument(args);
  const options = { identity: { type: 'string' } } as const;
  const { values, positionals } = parseStrictly(args, options, RESTORE_USAGE);
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new AppError('invalid', 'Name the one backup to restore.', { hint: RESTORE_USAGE });
  }
  const file = resolve(around.workingPath, name);
  await mustBeThere(file);
  const folder = await openDataFolder(around.dataPath);
  try {
    if (folder.wasRestored) {
      around.print('Finished: the restore that was interrupted here before.');
      around.remark('Start Doorkeep and sign in with your password.');
      return EXIT_FINE;
    }
    await mustBeNobodys(folder);
    const keys =
      values.identity === undefined
        ? await keysFromPrompt(around)
        : await keysFromFile(resolve(around.workingPath, values.identity));
    const { staging, manifest } = await stageRestore({
      ...{ paths: folder, file, nowMs: around.clock.wallMs() },
      open: (header) => keys.unwrapFileKey(header),
    });
    if (around.signal.aborted) {
      await rm(staging, { recursive: true });
      throw new AppError('cancelled', 'Stopped; nothing was changed.');
    }
    await commitStaging(folder.path, staging);
    await finishRestore(folder.path);
    around.print(`Restored: the backup of ${new Date(manifest.takenMs).toISOString()}.`);
    around.remark(`The data folder is ${folder.path}. Copy the folder footage into it, if it is`);
    around.remark('not there yet, then start Doorkeep and sign in with your password.');
    return EXIT_FINE;
  } finally {
    folder.release();
  }
}

async function mustBeThere(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (thrown) {
    const { kind } = fileError(thrown);
    throw new AppError(kind, `${path} cannot be read.`, {
      cause: thrown,
      hint: 'Name the file that backup made.',
    });
  }
  throw new AppError('invalid', `${path} is not a file.`, {
    hint: 'Name the file that backup made.',
  });
}

/** An index with accounts is somebody's, and so is one that cannot be read: it may be all there is. */
async function mustBeNobodys({ path, databasePath }: DataFolder): Promise<void> {
  const isThere = await stat(databasePath).then(
    () => true,
    () => false,
  );
  if (!isThere || isEmptyIndex(databasePath)) return;
  throw new AppError('conflict', `${path} holds a box already; nothing was changed.`, {
    reason: 'not-empty',
    hint:
      'Set DOORKEEP_DATA to an empty folder. Or, to restore into this one, move doorkeep.db, ' +
      'doorkeep.db-wal and doorkeep.db-shm out of it; the footage may stay.',
  });
}

function isEmptyIndex(path: string): boolean {
  let db: Database | undefined;
  try {
    db = Database.openReadOnly(path);
    return !hasUsers(db);
  } catch (thrown) {
    if (thrown instanceof AppError) return false;
    throw thrown;
  } finally {
    db?.close();
  }
}
