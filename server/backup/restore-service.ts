/**
 * Restoring by the page, while nobody has set the box up: the backup arrives piece by piece, is opened in
 * the key process, and takes the place of what is there when the server starts anew.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { epochMs, toRfc3339 } from '../base/time.ts';
import {
  BACKUP_MAX_BYTES,
  PIECE_MAX_BYTES,
  type RestoreDone,
  type RestoreUpload,
} from '../contract/backup.ts';
import type { DataPaths } from '../storage/data-folder.ts';
import { diskSpace } from '../storage/disk-space.ts';
import { fileError } from '../storage/file-error.ts';
import { commitStaging } from '../storage/restore-folder.ts';
import { sealedCorrupt } from '../age/corrupt.ts';
import { stageRestore } from './stage-restore.ts';

/** Opens a header with a key that somebody typed; `HouseholdKeys` is one. */
export interface TypedKeys {
  openHeader(header: Buffer, recoveryKey: Buffer): Promise<Buffer | undefined>;
}

/** What it is made of. */
export interface RestoreServiceDeps {
  readonly paths: DataPaths;
  readonly keys: TypedKeys;
  readonly clock: Clock;
  /** Runs `work` unless somebody has made an account, and while nobody makes one. */
  readonly insteadOfSetUp: <T>(work: () => Promise<T>) => Promise<T>;
  /** The data folder is another one from now on: the server has to start anew. */
  readonly onRestored: () => void;
}

/** What is arriving. One at a time: a new one takes the place of an older one. */
interface Upload {
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
  arrivedBytes: number;
  isBusy: boolean;
}

/** The backup, unpacked beside it: its index is in there once more. */
const ROOM_FACTOR = 2;

/** See the head of this file. */
export class RestoreService {
  readonly #deps: RestoreServiceDeps;
  #upload: Upload | undefined;

  constructor(deps: RestoreServiceDeps) {
    this.#deps = deps;
  }

  /** Makes room for a backup of this size, for who gave the set-up code. `unprocessable` when it is too
   * large for a backup or for the disk. */
  async begin(sizeBytes: number): Promise<RestoreUpload> {
    const { path: dataPath } = this.#deps.paths;
    if (sizeBytes > BACKUP_MAX_BYTES) throw tooLarge();
    const { freeBytes } = await diskSpace(dataPath);
    if (freeBytes < sizeBytes * ROOM_FACTOR) throw noRoom();
    await this.#drop();
    const id = randomBytes(16).toString('hex');
    // Named like a restore that is being got ready: a start that finds it deletes it.
    const path = join(dataPath, `restore-${id}`, 'upload.age');
    await mkdir(dirname(path), { mode: 0o700 });
    await (await open(path, 'wx', 0o600)).close();
    this.#upload = { id, path, sizeBytes, arrivedBytes: 0, isBusy: false };
    return { id, arrivedBytes: 0, pieceMaxBytes: PIECE_MAX_BYTES };
  }

  /** `not-found` unless `id` is what is arriving; asked before a piece is read. */
  assertArriving(id: string): void {
    this.#arriving(id);
  }

  /** Takes the next piece, from `at` on. `conflict` when that is not where the last one ended. */
  async add(id: string, at: number, piece: Buffer): Promise<RestoreUpload> {
    const upload = this.#arriving(id);
    if (at !== upload.arrivedBytes || upload.isBusy) {
      throw new AppError('conflict', 'The pieces of the backup arrive out of order.', {
        reason: 'wrong-piece',
        hint: 'Choose the file again; it is sent from its beginning.',
      });
    }
    if (at + piece.length > upload.sizeBytes) throw tooLarge();
    upload.isBusy = true;
    try {
      const file = await open(upload.path, 'r+');
      try {
        await file.write(piece, 0, piece.length, at);
      } finally {
        await file.close();
      }
      upload.arrivedBytes += piece.length;
    } catch (thrown) {
      throw fileError(thrown);
    } finally {
      upload.isBusy = false;
    }
    return { id, arrivedBytes: upload.arrivedBytes, pieceMaxBytes: PIECE_MAX_BYTES };
  }

  /** Opens what has arrived, and makes it count. It stays for another try when the key is a wrong one. */
  async restore(id: string, recoveryKey: Buffer): Promise<RestoreDone> {
    const { paths, keys, clock, insteadOfSetUp } = this.#deps;
    const upload = this.#arriving(id);
    if (upload.arrivedBytes < upload.sizeBytes || upload.isBusy) {
      throw new AppError('conflict', 'The backup has not arrived whole.', {
        reason: 'wrong-piece',
        hint: 'Choose the file again; it is sent from its beginning.',
      });
    }
    upload.isBusy = true;
    try {
      return await insteadOfSetUp(async () => {
        const { staging, manifest } = await stageRestore({
          ...{ paths, file: upload.path, nowMs: clock.wallMs() },
          open: async (header) => {
            const fileKey = await keys.openHeader(header, recoveryKey);
            if (fileKey === undefined) throw sealedCorrupt('header-no-key', 'a typed key');
            return fileKey;
          },
        });
        await commitStaging(paths.path, staging);
        await this.#drop();
        return { takenAt: toRfc3339(epochMs(manifest.takenMs)) };
      });
    } finally {
      upload.isBusy = false;
    }
  }

  /** To be called when the answer is on its way. */
  restart(): void {
    this.#deps.onRestored();
  }

  #arriving(id: string): Upload {
    if (this.#upload?.id === id) return this.#upload;
    throw new AppError('not-found', 'This backup is not being sent any more.', {
      hint: 'Choose the file again; it is sent from its beginning.',
    });
  }

  async #drop(): Promise<void> {
    const upload = this.#upload;
    this.#upload = undefined;
    if (upload !== undefined) await rm(dirname(upload.path), { recursive: true, force: true });
  }
}

function tooLarge(): AppError {
  return new AppError('unprocessable', 'This file is larger than any backup that is taken here.', {
    reason: 'too-large',
    hint: 'Choose the file that Doorkeep gave you; for a larger one, use the command restore.',
  });
}

function noRoom(): AppError {
  return new AppError('unprocessable', 'The disk of the box has no room for this backup.', {
    reason: 'disk-full',
    hint: 'Free some space on the disk that holds the data folder.',
  });
}
