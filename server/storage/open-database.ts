/**
 * Opens the database, whatever became of it: one that is gone or malformed is replaced by a new one,
 * filled with what recording needs. Steps: docs/design/storage.md, "A lost database".
 */
import { readdirSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../base/atomic-file.ts';
import { AppError, errnoCode, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { epochMs, toRfc3339, type EpochMs } from '../base/time.ts';
import type { DataPaths } from './data-folder.ts';
import { Database } from './database.ts';
import { fileError } from './file-error.ts';
import { FootageListing } from './footage-listing.ts';
import { insertGap } from './gaps.ts';
import { lastRunId, markIndexPending, raiseRunIds } from './index-state.ts';
import { fillFrom, readSpare, type Spare } from './spare.ts';

/** What it works with. */
export interface OpenParts {
  readonly paths: DataPaths;
  readonly log: Log;
  readonly nowMs: EpochMs;
  /** As the household's file says it; undefined before there is a household. */
  readonly boxId: string | undefined;
}

/** Behind the name of a damaged database. */
const DAMAGED = '.damaged-';

/** What each SQLite database begins with (https://www.sqlite.org/fileformat2.html, 1.2.1). */
const HEAD = Buffer.from('SQLite format 3\0', 'latin1');

/** Opens it; throws what `Database.open` throws, `corrupt` excepted. */
export async function openDatabase(parts: OpenParts): Promise<Database> {
  const { paths, log } = parts;
  await setAsideLeftLog(parts);
  try {
    return await openOrBegin(parts);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.kind !== 'corrupt') throw error;
    const name = await setAside(parts);
    log.error(
      { ...errorFields(error), keptAs: name },
      'the database was damaged and is set aside; recording goes on, people sign up again',
    );
  }
  const db = await openOrBegin(parts);
  await syncDirectory(paths.path);
  return db;
}

/** Names of databases that were damaged: kept, and shown to the owner. */
export function damagedDatabases(databasePath: string): string[] {
  const start = `${basename(databasePath)}${DAMAGED}`;
  const names = readdirSync(dirname(databasePath)).filter((name) => name.startsWith(start));
  return names.filter((name) => !/-(wal|shm)$/.test(name)).sort();
}

async function openOrBegin(parts: OpenParts): Promise<Database> {
  const { paths, log, boxId } = parts;
  const { databasePath, quarantinePath } = paths;
  if ((await sizeOf(databasePath)) > 0) {
    await checkHead(databasePath);
    if (Database.isDamaged(databasePath)) throw damaged();
  }
  // lost 2: what is known without the database. It costs a look at the folders, and only SQLite can
  // say whether it is needed: a file that a kill left without tables is not empty.
  const listing = new FootageListing(paths);
  const kept = new FootageListing({ ...paths, footagePath: quarantinePath });
  const highestRun = Math.max(await listing.highestRun(), await kept.highestRun());
  const spare = await readableSpare(parts);
  const ends = await newestFootage(listing, spare);
  const knownId = spare?.boxId ?? boxId;
  const made = { isNew: false };
  const db = Database.open(databasePath, undefined, {
    ...(knownId !== undefined && { boxId: knownId }),
    // lost 3: all of it in the commit that makes the database.
    fill: (empty) => {
      made.isNew = true;
      if (spare !== undefined) fillFrom(empty, spare);
      for (const [cameraId, fromMs] of ends) {
        insertGap(empty, { cameraId, fromMs, toMs: undefined, reason: 'index-lost' });
      }
      knowRuns(empty, highestRun);
    },
  });
  if (!made.isNew) {
    knowRuns(db, highestRun);
  } else if (highestRun > 0) {
    const cameras = spare?.cameras.length ?? 0;
    log.error({ cameras }, 'the database was lost: recordings are listed again after an unlock');
  }
  return db;
}

/** New runs never get a number that a folder has (new-run-new-folder). The row of a run comes before its
 * folder: a database that knows fewer is a new one, or was put back from a copy. */
function knowRuns(db: Database, highestRun: number): void {
  if (lastRunId(db) >= highestRun) return;
  db.transaction(() => {
    markIndexPending(db);
    raiseRunIds(db, highestRun);
  });
}

/** SQLite deletes the log of a file that it cannot read at all; what is in it may still be of use. */
async function checkHead(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEAD.length);
    await file.read(head, 0, head.length, 0);
    if (head.equals(HEAD)) return;
  } finally {
    await file.close();
  }
  throw damaged();
}

function damaged(): AppError {
  return new AppError('corrupt', 'the database file doorkeep.db is damaged');
}

/** Where recording ended, about: when each camera's newest file was written to. */
async function newestFootage(
  listing: FootageListing,
  spare: Spare | undefined,
): Promise<Map<string, EpochMs>> {
  const ends = new Map<string, EpochMs>();
  for (const { id } of spare?.cameras ?? []) {
    const newestMs = await listing.newestMs(id);
    if (newestMs !== undefined) ends.set(id, newestMs);
  }
  return ends;
}

/** One that cannot be read is kept under another name: it is about to be written anew. */
async function readableSpare({ paths, log, nowMs }: OpenParts): Promise<Spare | undefined> {
  const path = join(paths.keysPath, 'spare.json');
  try {
    return await readSpare(path);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.kind !== 'conflict') throw error;
    const keptAs = `${path}${DAMAGED}${nameOfTime(nowMs)}`;
    await move(path, keptAs);
    log.error({ ...errorFields(error), keptAs: basename(keptAs) }, 'the spare cannot be read');
    return undefined;
  }
}

/** lost 1: the damaged database gets another name, then the files of its log get it too. */
async function setAside({ paths: { databasePath }, nowMs }: OpenParts): Promise<string> {
  const name = `${databasePath}${DAMAGED}${nameOfTime(nowMs)}`;
  await move(databasePath, name);
  await move(`${databasePath}-wal`, `${name}-wal`);
  await move(`${databasePath}-shm`, `${name}-shm`);
  await syncDirectory(dirname(databasePath));
  Database.forgetDamage(databasePath);
  return basename(name);
}

/** lost 1, cut off: a log without its database belongs to the one that was set aside. SQLite would take
 * it for the new database's. */
async function setAsideLeftLog({ paths: { databasePath }, nowMs }: OpenParts): Promise<void> {
  if ((await sizeOf(databasePath)) > 0 || (await sizeOf(`${databasePath}-wal`)) === 0) return;
  const newest = damagedDatabases(databasePath).at(-1);
  const folder = dirname(databasePath);
  const name =
    newest === undefined ? `${databasePath}${DAMAGED}${nameOfTime(nowMs)}` : join(folder, newest);
  await move(`${databasePath}-wal`, `${name}-wal`);
  await move(`${databasePath}-shm`, `${name}-shm`);
  await syncDirectory(folder);
}

/** Without colons: file systems of other systems do not take them. */
function nameOfTime(nowMs: EpochMs): string {
  return toRfc3339(epochMs(nowMs)).replaceAll(':', '-');
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    if (errnoCode(thrown) !== 'ENOENT') throw fileError(thrown);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new AppError('conflict', `${basename(path)} is not a file`);
    return found.size;
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return 0;
    throw thrown instanceof AppError ? thrown : fileError(thrown);
  }
}
