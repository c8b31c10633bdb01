/**
 * Whether DATA/footage and DATA/tails are the folders that this box made. Where the disk with the footage is
 * not mounted, or another one is, there is a folder in its place all the same; what is written to it is lost
 * to the index, and what is "deleted" there stays on the real one. So each of the two has a mark with the box
 * id, made once (docs/design/storage.md, "Mark"), and nothing is written or deleted beside another.
 */
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../base/atomic-file.ts';
import { AppError, errnoCode } from '../base/errors.ts';
import { fileError } from './file-error.ts';
import { type FootageFile, type FootageFileSystem, realFileSystem } from './footage-files.ts';

/** The name of a mark. */
export const MARK_NAME = '.doorkeep-box';

/** A box id is 32 characters, and a line end. */
const MARK_MAX_BYTES = 64;

/** Where the folders are, and whose. */
export interface FootageDiskParts {
  readonly footagePath: string;
  readonly tailsPath: string;
  readonly boxId: string;
  readonly system?: FootageFileSystem;
}

/** What lies where a mark belongs. */
export type MarkState = 'ours' | 'missing' | 'foreign';

/** See the head of this file. */
export class FootageDisk {
  readonly #folders: readonly string[];
  readonly #boxId: string;
  readonly #system: FootageFileSystem;
  /** `st_dev` of the two folders, as the last look found them. */
  #disks: readonly number[] = [];
  /** Nothing new is begun before start-up has put in order what is there. */
  isReady = false;

  constructor({ footagePath, tailsPath, boxId, system = realFileSystem }: FootageDiskParts) {
    this.#folders = [footagePath, tailsPath];
    this.#boxId = boxId;
    this.#system = system;
  }

  /** Throws `io` with reason `wrong-disk` unless both folders are ours. A file of 33 bytes is read from
   * each: comparing inodes alone would take one disk for another, whose root has the same number. */
  async verify(): Promise<void> {
    const disks: number[] = [];
    for (const folder of this.#folders) {
      const { state, disk } = await this.#look(folder);
      if (state !== 'ours') throw wrongDisk(`the folder ${basename(folder)} ${WHAT[state]}`);
      disks.push(disk);
    }
    this.#disks = disks;
  }

  /** The same, before something new is made. */
  async verifyForNew(): Promise<void> {
    await this.verify();
    if (!this.isReady) throw wrongDisk('what is on it is being put in order');
  }

  /** The files just made lie on the disks that were looked at: another one may have come between. */
  async verifyMade(files: readonly FootageFile[]): Promise<void> {
    for (const [index, file] of files.entries()) {
      const { dev } = await file.stat();
      if (dev !== this.#disks[index]) throw wrongDisk('it was exchanged at this moment');
    }
  }

  /** What each of the two has. */
  async marks(): Promise<MarkState[]> {
    const states: MarkState[] = [];
    for (const folder of this.#folders) states.push((await this.#look(folder)).state);
    return states;
  }

  /** mark 2: both marks, durable, and the names of the folders themselves. */
  async mark(): Promise<void> {
    for (const folder of this.#folders) {
      await writeFileAtomic(join(folder, MARK_NAME), `${this.#boxId}\n`);
    }
    try {
      for (const folder of new Set(this.#folders.map((path) => dirname(path)))) {
        await syncDirectory(folder);
      }
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  async #look(folder: string): Promise<{ state: MarkState; disk: number }> {
    try {
      const file = await this.#system.open(join(folder, MARK_NAME), constants.O_RDONLY, 0);
      try {
        const bytes = Buffer.alloc(MARK_MAX_BYTES);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
        const text = bytes.toString('latin1', 0, bytesRead).trim();
        return {
          state: text === this.#boxId ? 'ours' : 'foreign',
          disk: (await file.stat()).dev,
        };
      } finally {
        await file.close();
      }
    } catch (thrown) {
      const code = errnoCode(thrown);
      if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'missing', disk: -1 };
      throw fileError(thrown);
    }
  }
}

const WHAT: Readonly<Record<Exclude<MarkState, 'ours'>, string>> = {
  missing: 'has no mark: its disk is not mounted, or it is a new one',
  foreign: 'has the mark of another box',
};

function wrongDisk(why: string): AppError {
  return new AppError('io', 'The disk with the footage is not the one it was.', {
    reason: 'wrong-disk',
    cause: new Error(why),
    hint:
      'Connect the right disk, or mount it again: Doorkeep then goes on by itself. If it is gone for ' +
      'good, docs/guide/footage-disk.md says what to do.',
  });
}
