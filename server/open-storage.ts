/** The data folder, opened, locked and in order, and what works on it in the background. A part of
 * the composition root. */
import { join } from 'node:path';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { PACKAGE_ROOT, type Config } from './config.ts';
import type { IndexUse } from './contract/storage.ts';
import { readHousehold } from './keys/household-file.ts';
import { HouseholdKeys } from './keys/household-keys.ts';
import type { AtUnlock } from './storage/at-unlock.ts';
import { openDataFolder, type DataFolder } from './storage/data-folder.ts';
import type { Database } from './storage/database.ts';
import { FileKeys } from './storage/file-keys.ts';
import { segmentFinisher } from './storage/finish-segments.ts';
import { FootageDisk } from './storage/footage-disk.ts';
import { FootageListing } from './storage/footage-listing.ts';
import { FootageWatch } from './storage/footage-watch.ts';
import { FootageStore } from './storage/footage.ts';
import { DayForgetter } from './storage/forget-days.ts';
import { damagedDatabases, openDatabase } from './storage/open-database.ts';
import { isIndexPending } from './storage/index-state.ts';
import { Quarantine } from './storage/quarantine.ts';
import { IndexRebuilder } from './storage/index-rebuilder.ts';
import { SealedPayloads } from './storage/sealed-payloads.ts';
import { SpareKeeper } from './storage/spare.ts';

/** Processes are forked from build output only. */
const KEY_WORKER = join(PACKAGE_ROOT, 'dist', 'server', 'keys', 'key-worker.js');

/** See the head of this file. */
export interface Storage {
  readonly folder: DataFolder;
  readonly db: Database;
  readonly footage: FootageStore;
  readonly watch: FootageWatch;
  readonly days: DayForgetter;
  readonly listing: FootageListing;
  readonly keys: HouseholdKeys;
  readonly fileKeys: FileKeys;
  readonly payloads: SealedPayloads;
  readonly spare: SpareKeeper;
  readonly finisher: AtUnlock;
  readonly rebuilder: IndexRebuilder;
  /** How much of the footage the index knows. */
  indexUse(): Promise<IndexUse>;
}

/** What is told to who opened it. */
export interface KeyEvents {
  readonly onUnlocked: () => void;
  readonly onNewIdentity: () => Promise<void>;
  readonly onIndexRebuilt: () => void;
  /** Somebody left the past open, and it locked by itself. */
  readonly onRanOut: (userId: number) => void;
}

/** Opens everything; `closers` is told of each thing that was opened. */
export async function openStorage(
  { config, log, clock }: { readonly config: Config; readonly log: Log; readonly clock: Clock },
  closers: { add(close: () => void | Promise<void>): void },
  { onUnlocked, onNewIdentity, onRanOut, onIndexRebuilt: onRebuilt }: KeyEvents,
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
    ...{ entry: KEY_WORKER, clock, log, onUnlocked, onNewIdentity, onRanOut },
    onLocked: () => {
      fileKeys.forget();
      payloads.forget();
    },
  });
  const fileKeys: FileKeys = new FileKeys(keys);
  const payloads: SealedPayloads = new SealedPayloads({ db, keys, clock });
  closers.add(() => {
    payloads.stop();
    return keys.close();
  });
  const { footagePath, tailsPath } = folder;
  const disk = new FootageDisk({ footagePath, tailsPath, boxId: db.boxId });
  const footage = new FootageStore({ footagePath, tailsPath, fileKeys, disk });
  const [listing, quarantine] = [new FootageListing(folder), new Quarantine(folder)];
  const watch = new FootageWatch({ db, disk, footage, listing, clock, log });
  await watch.open();
  const days = new DayForgetter(db, payloads);
  const spare = new SpareKeeper({ db, path: join(folder.keysPath, 'spare.json'), clock, log });
  const finisher = segmentFinisher({ db, footage, quarantine, log });
  const rebuilder = new IndexRebuilder({ db, footage, listing, quarantine, log, onRebuilt });
  watch.onRight = () => {
    finisher.wake();
    rebuilder.wake();
  };
  return {
    ...{ folder, db, footage, watch, days, listing, keys, fileKeys, spare, finisher, rebuilder },
    payloads,
    indexUse: async () => {
      const { filesDone, filesTotal, unopened } = rebuilder.progress;
      // The database says it: a disk that came back later may have made it incomplete.
      const complete = !isIndexPending(db);
      const quarantined = (await quarantine.list()).length;
      const databasesSetAside = damagedDatabases(folder.databasePath);
      return { complete, filesDone, filesTotal, unopened, quarantined, databasesSetAside };
    },
  };
}
