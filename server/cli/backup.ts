/**
 * `backup --out FILE`: index, people, settings and keys in one sealed file. Beside a running server, locked
 * or not: it reads a moment of the database, and notes in one row that the backup was taken.
 */
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { backupFileName } from '../backup/backup-service.ts';
import { makeBackup } from '../backup/make-backup.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, errnoCode, toAppError } from '../base/errors.ts';
import { insertTakenBackup, type TakenBackup } from '../storage/backups-taken.ts';
import { findDataFolder } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import { fileError } from '../storage/file-error.ts';
import { EXIT_FINE, type ExitStatus, parseStrictly, type Surroundings } from './command.ts';

/** How it is called. */
export const BACKUP_USAGE = 'Use: backup --out FILE';

/** See the head of this file. */
export async function backup(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  const { values, positionals } = parseStrictly(args, { out: { type: 'string' } }, BACKUP_USAGE);
  if (values.out === undefined || positionals.length > 0) {
    throw new AppError('invalid', 'Name the file that the backup goes into.', {
      hint: `${BACKUP_USAGE}. Its place is best another disk.`,
    });
  }
  const { clock, signal, version } = around;
  const paths = await findDataFolder(around.dataPath);
  const path = await freePath(resolve(around.workingPath, values.out), clock);
  const { sizeBytes, keyGeneration } = await makeBackup(
    { id: randomBytes(16).toString('hex'), paths, clock, version, takenBy: null, signal },
    {
      path,
      note: (taken) => {
        noteTaken(paths.databasePath, taken, around);
      },
    },
  );
  around.print(path);
  around.remark(`${sizeBytes} bytes. It opens with the recovery sheet of key ${keyGeneration}.`);
  around.remark('Footage is not in it: copy the folder footage as well.');
  return EXIT_FINE;
}

/** A folder gets a file of the page's name. Nothing is overwritten. */
async function freePath(path: string, clock: Clock): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      return await freePath(join(path, backupFileName({ takenMs: clock.wallMs() })), clock);
    }
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return path;
    throw fileError(thrown);
  }
  throw new AppError('conflict', `${path} is there already and was left as it is.`, {
    hint: 'Name another file: --out FILE.',
  });
}

/** So that the page lists it. A folder that may only be read has its backup all the same. */
function noteTaken(databasePath: string, taken: TakenBackup, { remark }: Surroundings): void {
  try {
    const db = Database.openBeside(databasePath);
    try {
      insertTakenBackup(db, taken);
    } finally {
      db.close();
    }
  } catch (thrown) {
    const { message } = toAppError(thrown);
    remark(`It will be missing in the list of backups: ${message}.`);
  }
}
