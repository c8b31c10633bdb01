/**
 * Where a restore is got ready, and how it takes its place: docs/design/backup.md, "Restore". A folder is
 * filled and checked beside everything else; one rename says that it counts; what follows is done by
 * whoever opens the data folder next, and can be done again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../base/atomic-file.ts';
import { errnoCode } from '../base/errors.ts';

/** A restore that counts; the only name that a start acts on. */
const READY = 'restore-ready';

/** One that is being got ready. */
const STAGING = /^restore-[0-9a-f]{32}$/;

/** A household's file, and those that were set aside (keys/household-file.ts). */
const HOUSEHOLD = /^household(-[0-9a-z]+)?\.json$/;

/** Enough to tell files of one folder apart. */
const NAME_CHARS = 12;

/** SQLite's files beside a database. */
const LOGS = ['doorkeep.db-wal', 'doorkeep.db-shm', 'doorkeep.db-journal'];

/** restore 2: a new folder for what comes out of a backup. */
export async function newStaging(dataPath: string): Promise<string> {
  const path = join(dataPath, `restore-${randomBytes(16).toString('hex')}`);
  await mkdir(path, { mode: 0o700 });
  return path;
}

/** restore 4: from here on it counts. */
export async function commitStaging(dataPath: string, staging: string): Promise<void> {
  await syncDirectory(staging);
  await rename(staging, join(dataPath, READY));
  await syncDirectory(dataPath);
}

/** Deletes what never counted. */
export async function dropStagings(dataPath: string): Promise<void> {
  for (const name of await readdir(dataPath)) {
    if (STAGING.test(name)) await rm(join(dataPath, name), { recursive: true });
  }
}

/** restore 5 to 7, where a restore counts; the caller holds the lock and nothing is open. Answers whether
 * there was one. */
export async function finishRestore(dataPath: string): Promise<boolean> {
  await dropStagings(dataPath);
  const ready = join(dataPath, READY);
  if (!(await isThere(ready))) return false;
  await takeKeys(dataPath, ready);
  await takeDatabase(dataPath, ready);
  await rm(ready, { recursive: true });
  await syncDirectory(dataPath);
  return true;
}

/** restore 5. A household's file that was there may open what no other one does, so it stays, under
 * another name (K3). */
async function takeKeys(dataPath: string, ready: string): Promise<void> {
  const [keys, newKeys, before] = [
    join(dataPath, 'keys'),
    join(ready, 'keys'),
    join(ready, 'keys-before'),
  ];
  if (await isThere(newKeys)) {
    if (await isThere(keys)) await rename(keys, before);
    await rename(newKeys, keys);
    await syncDirectory(dataPath);
  }
  if (!(await isThere(before))) return;
  for (const name of (await readdir(before)).filter((one) => HOUSEHOLD.test(one))) {
    const content = createHash('sha256').update(await readFile(join(before, name)));
    const kept = `household-${content.digest('hex').slice(0, NAME_CHARS)}.json`;
    await rename(join(before, name), join(keys, kept));
  }
  await syncDirectory(keys);
}

/** restore 6: a log belongs to the database beside it, and never to another one. */
async function takeDatabase(dataPath: string, ready: string): Promise<void> {
  const database = join(ready, 'doorkeep.db');
  if (!(await isThere(database))) return;
  for (const name of LOGS) await rm(join(dataPath, name), { force: true });
  await rename(database, join(dataPath, 'doorkeep.db'));
  await syncDirectory(dataPath);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}
