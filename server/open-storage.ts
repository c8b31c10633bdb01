/** The data folder, opened, locked and in order, and what works on it in the background. A part of
 * the composition root. */
import { join } from 'node:path';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { PACKAGE_ROOT, type Config } from './config.ts';
import type { IndexUse } from './contract/storage.ts';
import { readHousehold } from './keys/household-file.ts';
import { HouseholdKeys } from './keys/household-keys.ts';
import { openDataFolder, type DataFolder } from './storage/data-folder.ts';
import type { Database } from './storage/database.ts';
import { FileKeys } from './storage/file-keys.ts';
import { SegmentFinisher } from './storage/finish-segments.ts';
import { FootageListing } from './storage/footage-listing.ts';
import { FootageStore } from './storage/footage.ts';
import { damagedDatabases, openDatabase } from './storage/open-database.ts';
import { Quarantine } from './storage/quarantine.ts';
import { IndexRebuilder } from './storage/index-rebuilder.ts';
import { recoverStorage } from './storage/recovery.ts';
import { SpareKeeper } from './storage/spare.ts';

/** Processes are forked from build output only. */
const KEY_WORKER = join(PACKAGE_ROOT, 'dist', 'server', 'keys', 'key-worker.js');

/** See the head of this file. */
export interface Storage {
  readonly folder: DataFolder;
  readonly db: Database;
  readonly footage: FootageStore;
  readonly listing: FootageListing;
  readonly keys: HouseholdKeys;
  readonly fileKeys: FileKeys;
  readonly spare: SpareKeeper;
  readonly finisher: SegmentFinisher;
  readonly rebuilder: IndexRebuilder;
  /** How much of the footage the index knows. */
  indexUse(): Promise<IndexUse>;
}

/** Opens everything; `closers` is told of each thing that was opened. */
export async function openStorage(
  { config, log, clock }: { readonly config: Config; readonly log: Log; readonly clock: Clock },
  closers: { add(close: () => void | Promise<void>): void },
  onUnlocked: () => void,
): Promise<Storage> {
  const folder = await openDataFolder(config.dataPath);
  closers.add(() => {
    folder.release();
  });
  const householdPath = join(folder.keysPath, 'household.json');
  const boxId = (await readHousehold(householdPath))?.boxId;
  const db = await openDatabase({ paths: folder, log, nowMs: clock.wallMs(), boxId });
  closers.add(() => {
    db.close();
  });
  const keys = await HouseholdKeys.open({
    ...{ path: householdPath, boxId: db.boxId },
    ...{ entry: KEY_WORKER, clock, log, onUnlocked },
    onLocked: () => {
      fileKeys.forget();
    },
  });
  const fileKeys: FileKeys = new FileKeys(keys);
  closers.add(() => keys.lock());
  const { footagePath, tailsPath } = folder;
  const footage = new FootageStore({ footagePath, tailsPath, fileKeys });
  const [listing, quarantine] = [new FootageListing(folder), new Quarantine(folder)];
  const report = await recoverStorage({ db, footage });
  log.info({ ...report }, 'storage is in order');
  const spare = new SpareKeeper({ db, path: join(folder.keysPath, 'spare.json'), clock, log });
  const finisher = new SegmentFinisher({ db, footage, quarantine, log });
  const rebuilder = new IndexRebuilder({ db, footage, listing, quarantine, log });
  return {
    ...{ folder, db, footage, listing, keys, fileKeys, spare, finisher, rebuilder },
    indexUse: async () => {
      const { complete, filesDone, filesTotal, unopened } = rebuilder.progress;
      const quarantined = (await quarantine.list()).length;
      const databasesSetAside = damagedDatabases(folder.databasePath);
      return { complete, filesDone, filesTotal, unopened, quarantined, databasesSetAside };
    },
  };
}
