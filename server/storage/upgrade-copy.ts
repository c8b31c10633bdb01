/**
 * The copy that is made of a database before it is migrated: doorkeep.db.before-<version>, for who
 * wants to go back to the Doorkeep before. The steps are those of docs/design/storage.md, "Upgrade".
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../base/errors.ts';

/** The file system as an upgrade needs it; tests look at the folder around each call. */
export interface UpgradeFiles {
  freeBytes(folder: string): number;
  /** 0 where there is no such file. */
  sizeBytes(path: string): number;
  /** An empty file that only this account may read. */
  makeFile(path: string): void;
  syncFile(path: string): void;
  rename(from: string, to: string): void;
  syncFolder(path: string): void;
  /** No error where there is none. */
  removeFile(path: string): void;
  listFolder(path: string): string[];
}

/** The file system of this machine. */
export const realUpgradeFiles: UpgradeFiles = {
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  sizeBytes: (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0,
  makeFile: (path) => {
    closeSync(openSync(path, 'w', 0o600));
  },
  syncFile: syncPath,
  rename: renameSync,
  syncFolder: syncPath,
  removeFile: (path) => {
    rmSync(path, { force: true });
  },
  listFolder: (path) => readdirSync(path),
};

/** The copy, and the log of the migration itself, which can be as long as the database. */
const ROOM_FACTOR = 2;

/** What else is written meanwhile. */
const ROOM_EXTRA_BYTES = 16 * 1024 * 1024;

/** The one before the last upgrade, and the one before that. */
const KEPT = 2;

const COPY = /\.before-(\d{1,6})$/;

/** upgrade 1 to 3. `copyInto` writes the database to an empty file. Throws `io` (disk-full) when there
 * is no room, before anything is changed. */
export function copyBeforeUpgrade(
  path: string,
  toVersion: number,
  { files, copyInto }: { files: UpgradeFiles; copyInto: (target: string) => void },
): void {
  const folder = dirname(path);
  const sizeBytes = files.sizeBytes(path) + files.sizeBytes(`${path}-wal`);
  const neededBytes = sizeBytes * ROOM_FACTOR + ROOM_EXTRA_BYTES;
  // upgrade 1
  if (files.freeBytes(folder) < neededBytes) throw noRoomToUpgrade(neededBytes);
  const copy = `${path}.before-${String(toVersion)}`;
  // upgrade 2: a file of another name, which a kill leaves behind and the next try begins anew.
  const part = `${copy}.part`;
  files.makeFile(part);
  copyInto(part);
  files.syncFile(part);
  // upgrade 3
  files.rename(part, copy);
  files.syncFolder(folder);
}

/** upgrade 5: of the copies, the newest two stay. They know when footage was that has been deleted since. */
export function removeOldCopies(path: string, files: UpgradeFiles): void {
  const folder = dirname(path);
  const copies = files
    .listFolder(folder)
    .filter((name) => name.startsWith(`${basename(path)}.`))
    .flatMap((name) => {
      const version = COPY.exec(name)?.[1];
      return version === undefined ? [] : [{ name, version: Number(version) }];
    })
    .sort((a, b) => b.version - a.version);
  for (const { name } of copies.slice(KEPT)) files.removeFile(join(folder, name));
}

function syncPath(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function noRoomToUpgrade(neededBytes: number): AppError {
  const mebibytes = Math.ceil(neededBytes / (1024 * 1024));
  return new AppError('io', 'the disk has no room to bring doorkeep.db up to date', {
    reason: 'disk-full',
    hint:
      `A copy of it is made first: free ${String(mebibytes)} MiB on the disk with the data folder, ` +
      'then start again. The Doorkeep before still starts.',
  });
}
