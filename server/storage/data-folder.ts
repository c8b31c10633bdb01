/** The data folder: ours alone, writable, of a layout we know; and where things lie in it. */
import { chmod, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError, errnoCode } from '../base/errors.ts';
import { fileError } from './file-error.ts';
import { takeProcessLock } from './process-lock.ts';
import { finishRestore } from './restore-folder.ts';

/** The layout of the folder (which files lie where); raised when an older server would misread it.
 * The database has a version of its own. 1 had footage in clear. */
export const LAYOUT_VERSION = 2;

/** A folder with nothing but these counts as empty: what a disk has that was just formatted, and what
 * taking the lock makes. */
const EMPTY_FOLDER_ENTRIES: ReadonlySet<string> = new Set([
  'lost+found',
  'server.lock',
  'server.lock-journal',
  'server.pid',
]);

/** Where things lie. */
export interface DataPaths {
  readonly path: string;
  readonly databasePath: string;
  readonly footagePath: string;
  readonly exportsPath: string;
  readonly tailsPath: string;
  readonly keysPath: string;
  /** Damaged files of footage; made when the first one is found. */
  readonly quarantinePath: string;
  /** Backups that wait to be fetched, sealed; and what they are made of meanwhile. */
  readonly backupsPath: string;
}

/** A data folder that is ours alone. */
export interface DataFolder extends DataPaths {
  /** A restore that counted and was interrupted has been finished now. */
  readonly wasRestored: boolean;
  /** Gives the folder up. Idempotent; the lock also dies with the process. */
  release(): void;
}

/**
 * Makes the folder when it is not there, locks it against a second server and checks its layout.
 * Throws `conflict` (in use, another version's) and `io` (not a folder, not writable, no locks).
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const root = resolve(path);
  await makeFolder(root);
  await tryWriting(root);
  const release = lock(root);
  try {
    await checkLayout(root);
    const wasRestored = await finishRestore(root);
    const folder: DataFolder = { ...pathsIn(root), wasRestored, release };
    const { footagePath, tailsPath, exportsPath, keysPath, backupsPath } = folder;
    for (const sub of [footagePath, tailsPath, exportsPath, keysPath, backupsPath]) {
      await mkdir(sub, { recursive: true, mode: 0o700 });
    }
    return folder;
  } catch (thrown) {
    release();
    if (thrown instanceof AppError) throw thrown;
    throw notWritable(root, thrown);
  }
}

/**
 * Where things lie in a folder that is a data folder already: makes, locks and writes nothing, so it
 * may be called beside a running server. Throws `not-found`, `conflict` (another version's) and `io`.
 */
export async function findDataFolder(path: string): Promise<DataPaths> {
  const root = resolve(path);
  let marker: string | undefined;
  try {
    marker = await readMarker(join(root, 'layout-version'));
  } catch (thrown) {
    if (errnoCode(thrown) !== 'ENOTDIR') throw fileError(thrown);
  }
  if (marker === undefined) {
    throw new AppError('not-found', `${root} is no data folder of Doorkeep`, {
      reason: 'no-data-folder',
      hint: 'Set DOORKEEP_DATA to the folder that the server uses.',
    });
  }
  checkMarker(root, marker);
  return pathsIn(root);
}

function pathsIn(root: string): DataPaths {
  return {
    path: root,
    databasePath: join(root, 'doorkeep.db'),
    footagePath: join(root, 'footage'),
    exportsPath: join(root, 'exports'),
    tailsPath: join(root, 'tails'),
    keysPath: join(root, 'keys'),
    quarantinePath: join(root, 'quarantine'),
    backupsPath: join(root, 'backups'),
  };
}

async function makeFolder(root: string): Promise<void> {
  try {
    await makeWithParents(root);
    if (!(await stat(root)).isDirectory()) throw notAFolder(root);
  } catch (thrown) {
    const code = errnoCode(thrown);
    if (code === 'EEXIST' || code === 'ENOTDIR') throw notAFolder(root, thrown);
    if (thrown instanceof AppError) throw thrown;
    throw notWritable(root, thrown);
  }
}

/** Not `mkdir` with `recursive`: where the system says ENOENT for a new name (below /proc), Node.js 20
 * tries again for ever. */
async function makeWithParents(path: string): Promise<void> {
  const make = async (): Promise<void> => {
    await mkdir(path, { mode: 0o700 });
  };
  try {
    await make();
  } catch (thrown) {
    const code = errnoCode(thrown);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw thrown;
    await makeWithParents(dirname(path));
    await make();
  }
}

/** Permission bits do not tell (root, read-only mounts, ACLs), so it is tried. */
async function tryWriting(root: string): Promise<void> {
  const probe = join(root, `.write-test-${String(process.pid)}`);
  try {
    await (await open(probe, 'w', 0o600)).close();
    await rm(probe);
  } catch (thrown) {
    // A full disk must not keep the server from starting: it is what frees the space.
    if (errnoCode(thrown) === 'ENOSPC') return;
    throw notWritable(root, thrown);
  }
}

function lock(root: string): () => void {
  const pidPath = join(root, 'server.pid');
  const unlock = takeProcessLock(join(root, 'server.lock'));
  if (unlock === undefined) {
    throw new AppError('conflict', `another Doorkeep (process ${readPid(pidPath)}) uses ${root}`, {
      reason: 'in-use',
      hint: 'Stop that one first, or set DOORKEEP_DATA to another folder.',
    });
  }
  try {
    // For the sentence above only; the lock does not depend on it.
    writeFileSync(pidPath, `${String(process.pid)}\n`, { mode: 0o600 });
  } catch (thrown) {
    if (errnoCode(thrown) !== 'ENOSPC') {
      unlock();
      throw notWritable(root, thrown);
    }
  }
  let released = false;
  return () => {
    if (released) return;
    released = true;
    try {
      rmSync(pidPath, { force: true });
    } catch {
      // It only feeds a sentence; the lock must not stay because of it.
    }
    unlock();
  };
}

function readPid(path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^\d+$/.test(text) ? text : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Reads the marker, or makes the folder ours. Only a folder that was empty or is ours has its mode
 * tightened: somebody's home folder given by mistake keeps its own. */
async function checkLayout(root: string): Promise<void> {
  const markerPath = join(root, 'layout-version');
  const marker = await readMarker(markerPath);
  if (marker === undefined) {
    const others = (await readdir(root)).filter((name) => !EMPTY_FOLDER_ENTRIES.has(name));
    if (others.length === 0) await chmod(root, 0o700);
    await writeFileAtomic(markerPath, `${String(LAYOUT_VERSION)}\n`);
    return;
  }
  checkMarker(root, marker);
  await chmod(root, 0o700);
}

function checkMarker(root: string, marker: string): void {
  if (marker !== String(LAYOUT_VERSION)) {
    throw new AppError('conflict', `${root} was made by another version of Doorkeep`, {
      reason: 'other-version',
      hint:
        `Its layout is version ${/^\d{1,6}$/.test(marker) ? marker : 'unknown'}, this Doorkeep ` +
        `knows version ${String(LAYOUT_VERSION)}. Start the version that used it last, or set ` +
        'DOORKEEP_DATA to another folder.',
    });
  }
}

async function readMarker(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function notAFolder(root: string, cause?: unknown): AppError {
  return new AppError('io', `${root} is a file, not a folder`, {
    cause,
    reason: 'not-a-folder',
    hint: 'Set DOORKEEP_DATA to a folder.',
  });
}

function notWritable(root: string, cause: unknown): AppError {
  return new AppError('io', `Doorkeep may not write to the folder ${root}`, {
    cause,
    reason: 'not-writable',
    hint: 'Give the user that runs Doorkeep the right to write there, or set DOORKEEP_DATA.',
  });
}
