/** Getting a restore ready (restore 2 and 3): everything beside what is there, checked, nothing moved. */
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, errnoCode } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import { readHousehold, writeHousehold } from '../keys/household-file.ts';
import { withoutPhones } from '../keys/kept-phones.ts';
import type { Household } from '../keys/key-messages.ts';
import type { DataPaths } from '../storage/data-folder.ts';
import { prepareRestored } from '../storage/database-copy.ts';
import { newStaging } from '../storage/restore-folder.ts';
import { DATABASE_NAME, type Manifest } from './manifest.ts';
import { type HeaderOpener, unpackBackup } from './open-backup.ts';

/** What is restored from, and with what. */
export interface RestoreSource {
  readonly paths: DataPaths;
  /** The backup. */
  readonly file: string;
  readonly open: HeaderOpener;
  readonly nowMs: EpochMs;
}

/** What is ready. */
export interface StagedRestore {
  /** The folder that is to be committed. */
  readonly staging: string;
  readonly manifest: Manifest;
}

/** See the head of this file. Throws what `unpackBackup` throws; nothing is left behind then. */
export async function stageRestore(source: RestoreSource): Promise<StagedRestore> {
  const { paths, file } = source;
  const staging = await newStaging(paths.path);
  try {
    const manifest = await unpackBackup(file, staging, source.open);
    await prepare(staging, manifest, source);
    return { staging, manifest };
  } catch (thrown) {
    await rm(staging, { recursive: true, force: true });
    throw thrown;
  }
}

/** restore 3. */
async function prepare(
  staging: string,
  manifest: Manifest,
  { paths, file, nowMs }: RestoreSource,
): Promise<void> {
  await forgetPhones(join(staging, 'keys', 'household.json'));
  const { id, takenMs, takenBy, keyGeneration, boxId } = manifest;
  const database = join(staging, DATABASE_NAME);
  const runIdsAbove = Math.max(nowMs, takenMs, await highestRun(paths.footagePath));
  const sizeBytes = (await stat(file)).size;
  const backup = { id, takenMs: epochMs(takenMs), takenBy, keyGeneration, sizeBytes };
  prepareRestored(database, { boxId, runIdsAbove, backup });
  for (const suffix of ['-wal', '-shm', '-journal']) {
    await rm(`${database}${suffix}`, { force: true });
  }
  for (const path of [database, join(staging, 'keys'), join(staging, 'keys', 'tls')]) {
    await syncIfThere(path);
  }
}

/** As nobody stays signed in: a phone that was taken off the list since must not be on it again. */
async function forgetPhones(path: string): Promise<void> {
  const household = await householdOf(path);
  const forgotten = withoutPhones(household, () => true);
  if (forgotten !== household) await writeHousehold(path, forgotten);
}

async function householdOf(path: string): Promise<Household> {
  let household: Household | undefined;
  try {
    household = await readHousehold(path);
  } catch (cause) {
    throw unusableKeys(cause);
  }
  if (household === undefined) throw unusableKeys();
  return household;
}

/**
 * The highest number of a run's folder: footage that was copied here before the restore. What is copied
 * later has lower numbers than the milliseconds of today, which is what new runs begin with.
 */
async function highestRun(footagePath: string): Promise<number> {
  let highest = 0;
  for (const camera of await namesIn(footagePath)) {
    for (const run of await namesIn(join(footagePath, camera))) {
      if (/^[1-9]\d{0,13}$/.test(run)) highest = Math.max(highest, Number(run));
    }
  }
  return highest;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    const code = errnoCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw thrown;
  }
}

async function syncIfThere(path: string): Promise<void> {
  try {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (errnoCode(thrown) !== 'ENOENT') throw thrown;
  }
}

function unusableKeys(cause?: unknown): AppError {
  return new AppError('unprocessable', 'The keys in this backup cannot be used.', {
    reason: 'backup-content',
    hint: 'Use another backup.',
    ...(cause === undefined ? {} : { cause }),
  });
}
