/**
 * `accept-disk`: the folders of footage that are there now are this box's from now on. For the day on which the
 * old disk is gone for good; the server never decides that by itself. It takes the lock, so the server is
 * stopped.
 */
import { join } from 'node:path';
import { AuditLog } from '../audit/audit-log.ts';
import { AUDIT_KEY_NAME, AuditKeyFile, RealSlotDisk } from '../audit/key-file.ts';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { BoxKey } from '../keys/box-key.ts';
import { openDataFolder } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import { FootageDisk } from '../storage/footage-disk.ts';
import { EXIT_FINE, type ExitStatus, parseStrictly, type Surroundings } from './command.ts';

/** How it is called. */
export const ACCEPT_DISK_USAGE = 'Use: accept-disk';

/** See the head of this file. */
export async function acceptDisk(
  args: readonly string[],
  { dataPath, print, clock }: Surroundings,
): Promise<ExitStatus> {
  parseStrictly(args, {}, ACCEPT_DISK_USAGE);
  const folder = await openDataFolder(dataPath);
  try {
    const db = Database.open(folder.databasePath);
    try {
      const { footagePath, tailsPath } = folder;
      const disk = new FootageDisk({ footagePath, tailsPath, boxId: db.boxId });
      if ((await disk.marks()).includes('foreign')) {
        throw new AppError('conflict', 'this disk has the footage of another Doorkeep', {
          hint: 'Connect an empty one. Or delete the files .doorkeep-box in its folders, and run this again.',
        });
      }
      // mark 2 and 3.
      await disk.mark();
      db.markFootage();
      await noteAccepted(folder.keysPath, db, clock);
      db.markStoppedCleanly();
    } finally {
      db.close();
    }
  } finally {
    folder.release();
  }
  print('Accepted: footage goes to the disk that is there now. What was on the old one is not.');
  return EXIT_FINE;
}

/** The record tells everybody at home; details need the household's keys, which are not here. */
async function noteAccepted(keysPath: string, db: Database, clock: Clock): Promise<void> {
  const boxKey = await BoxKey.load(join(keysPath, 'box.key'));
  const disk = new RealSlotDisk(join(keysPath, AUDIT_KEY_NAME));
  const audit = await AuditLog.open({
    ...{ db, clock, keyFile: new AuditKeyFile(disk, { boxKey, boxId: db.boxId }) },
    household: {
      generation: undefined,
      begin: () => Promise.reject(new AppError('locked', 'a command opens no key')),
    },
  });
  await audit.append({ kind: 'disk-accepted', who: 'box' });
  await audit.close();
}
