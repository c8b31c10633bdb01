/** Making a backup, locked or not: it is sealed to the household's public key. Numbers: docs/design/backup.md,
 * "Backup". */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sealHeader } from '../age/header.ts';
import { syncDirectory } from '../base/atomic-file.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import { readHousehold } from '../keys/household-file.ts';
import type { Household } from '../keys/key-messages.ts';
import type { TakenBackup } from '../storage/backups-taken.ts';
import type { DataPaths } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import { copyOfMoment, leaveOutOfCopy } from '../storage/database-copy.ts';
import { fileError } from '../storage/file-error.ts';
import { FileKeys } from '../storage/file-keys.ts';
import { SCHEMA_VERSION } from '../storage/migrations.ts';
import { takeProcessLock } from '../storage/process-lock.ts';
import { SealedFileWriter } from '../storage/sealed-file.ts';
import { type BackupFile, databaseFile, keyFiles, memoryFile } from './contents.ts';
import {
  BACKUP_FORMAT,
  type Manifest,
  MANIFEST_MAX_BYTES,
  MANIFEST_NAME,
  readManifest,
} from './manifest.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

/** What a backup is made from. */
export interface BackupSource {
  /** A new one, 32 hex digits. */
  readonly id: string;
  readonly paths: DataPaths;
  readonly clock: Clock;
  /** The version of this Doorkeep. */
  readonly version: string;
  /** Who asked for it; null at the command line. */
  readonly takenBy: string | null;
  readonly signal: AbortSignal;
}

/** Where it goes. */
export interface BackupTarget {
  readonly path: string;
  /** Called when the file is whole and has not got its name yet: a copy that is not listed would be worse
   * than a listed one that is not there. */
  readonly note: (taken: TakenBackup) => void;
}

/** A password or a key that changes while the database is copied: once is rare, thrice is none. */
const TRIES_MAX = 3;

/** What the copy of the database is called, and what a maker that was killed leaves behind. */
const COPY = 'copy-';

/** Makes one. Throws `conflict` while another is being made and where there is no household, `io`. */
export async function makeBackup(source: BackupSource, target: BackupTarget): Promise<TakenBackup> {
  const { backupsPath } = source.paths;
  await mkdir(backupsPath, { recursive: true, mode: 0o700 });
  const release = takeProcessLock(join(backupsPath, 'lock'));
  if (release === undefined) {
    throw new AppError('conflict', 'Another backup is being made.', {
      reason: 'backup-busy',
      hint: 'Wait until it is finished, then try again.',
    });
  }
  const { id } = source;
  const copy = join(backupsPath, `${COPY}${id}.db`);
  try {
    await removeLeftovers(backupsPath);
    const { household, boxId } = await copyDatabase(source, copy);
    const nowMs = source.clock.wallMs();
    const files = [await databaseFile(copy), ...(await keyFiles(source.paths.keysPath))];
    const manifest = manifestOf(source, { id, nowMs, boxId, household, files });
    const sizeBytes = await seal({ manifest, files, household, source, target, nowMs });
    const taken = { id, takenMs: nowMs, takenBy: source.takenBy, sizeBytes };
    const noted = { ...taken, keyGeneration: household.generation };
    target.note(noted);
    await rename(`${target.path}.part`, target.path);
    await syncDirectory(dirname(target.path));
    return noted;
  } catch (thrown) {
    await rm(`${target.path}.part`, { force: true });
    if (source.signal.aborted) throw cancelled(source.signal);
    throw fileError(thrown);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      await rm(`${copy}${suffix}`, { force: true });
    }
    release();
  }
}

/** Deletes what a maker that was killed left: a copy of the index, which lies in clear beside it anyway. */
async function removeLeftovers(backupsPath: string): Promise<void> {
  for (const name of (await readdir(backupsPath)).filter((one) => one.startsWith(COPY))) {
    await rm(join(backupsPath, name), { force: true });
  }
}

/** backup 2: the database of one moment, and the household's file that was the same before and after. */
async function copyDatabase(
  source: BackupSource,
  copy: string,
): Promise<{ household: Household; boxId: string }> {
  const { paths, signal } = source;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const before = await householdOf(paths);
    const boxId = await copyOnce(paths.databasePath, copy, signal);
    const household = await householdOf(paths);
    if (JSON.stringify(before) === JSON.stringify(household)) return { household, boxId };
  }
  throw new AppError('conflict', 'The keys are being changed right now.', {
    reason: 'backup-busy',
    hint: 'Try again in a minute.',
  });
}

/** Answers which box it is of. */
async function copyOnce(databasePath: string, copy: string, signal: AbortSignal): Promise<string> {
  await rm(copy, { force: true });
  // SQLite gives its files the mode of the one that is there.
  await (await open(copy, 'wx', 0o600)).close();
  const db = Database.openReadOnly(databasePath);
  const { boxId } = db;
  try {
    await copyOfMoment(db, copy, signal);
  } finally {
    db.close();
  }
  leaveOutOfCopy(copy);
  return boxId;
}

async function householdOf({ keysPath }: DataPaths): Promise<Household> {
  const household = await readHousehold(join(keysPath, 'household.json'));
  if (household !== undefined) return household;
  throw new AppError('conflict', 'There is nobody yet whom a backup could be for.', {
    reason: 'not-set-up',
    hint: 'Set the box up first; a backup opens with the recovery sheet that is made then.',
  });
}

function manifestOf(
  { version, takenBy }: BackupSource,
  made: {
    readonly id: string;
    readonly nowMs: EpochMs;
    readonly boxId: string;
    readonly household: Household;
    readonly files: readonly BackupFile[];
  },
): Manifest {
  const { id, nowMs, boxId, household, files } = made;
  return {
    ...{ format: BACKUP_FORMAT, id, program: version, schemaVersion: SCHEMA_VERSION },
    ...{ boxId, takenMs: nowMs, takenBy },
    keyGeneration: household.generation,
    entries: files.map(({ entry }) => entry),
  };
}

/** backup 4: answers the size of the sealed file. */
async function seal(parts: {
  readonly manifest: Manifest;
  readonly files: readonly BackupFile[];
  readonly household: Household;
  readonly source: BackupSource;
  readonly target: BackupTarget;
  readonly nowMs: EpochMs;
}): Promise<number> {
  const { manifest, files, household, source, target, nowMs } = parts;
  const path = `${target.path}.part`;
  const writer = await SealedFileWriter.create(path, new FileKeys(sealingTo(household.recipient)));
  try {
    const text = manifestText(manifest);
    for (const file of [memoryFile(MANIFEST_NAME, text), ...files]) {
      await writer.write(tarHeader(file.entry, nowMs));
      for await (const bytes of file.read()) {
        if (source.signal.aborted) throw cancelled(source.signal);
        await writer.write(bytes);
      }
      await writer.write(Buffer.alloc(tarPadding(file.entry.sizeBytes)));
    }
    await writer.write(TAR_END);
  } catch (thrown) {
    await writer.abandon();
    throw thrown;
  }
  await writer.finish();
  return (await stat(path)).size;
}

/** What could not be put back is not made: the limits of reading hold for writing. */
function manifestText(manifest: Manifest): Buffer {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  try {
    if (text.length <= MANIFEST_MAX_BYTES) readManifest(text, SCHEMA_VERSION);
    else throw new RangeError(`a manifest of ${String(text.length)} bytes`);
  } catch (cause) {
    throw new AppError('conflict', 'The folder of keys holds more than a backup can.', {
      reason: 'backup-content',
      hint: 'Look into keys: a household file or a certificate there is not one of ours.',
      cause,
    });
  }
  return text;
}

function sealingTo(recipient: string): ConstructorParameters<typeof FileKeys>[0] {
  return {
    isOpen: false,
    newHeader: () => sealHeader([recipient]),
    unwrapFileKey: () => Promise.reject(new AppError('internal', 'a backup that is made is read')),
  };
}
