/** Backups for the page: made when asked, listed for ever, fetchable for as long as the password counts. */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { AppError, errnoCode } from '../base/errors.ts';
import { epochMs, toRfc3339 } from '../base/time.ts';
import { Wake } from '../base/wake.ts';
import type { Backup } from '../contract/backup.ts';
import { insertTakenBackup, takenBackups, type TakenBackup } from '../storage/backups-taken.ts';
import type { DataPaths } from '../storage/data-folder.ts';
import type { Database } from '../storage/database.ts';
import { makeBackup } from './make-backup.ts';

/** As long as a typed password lets a session fetch a file (auth/password-grants.ts). */
const KEPT_MS = 15 * 60_000;

/** What a file is called that waits to be fetched. */
const WAITING = /^[0-9a-f]{32}\.age(\.part)?$/;

/** What it is made of. */
export interface BackupServiceDeps {
  readonly db: Database;
  readonly paths: DataPaths;
  readonly clock: Clock;
  readonly version: string;
}

/** An inclusive range of bytes. */
interface ByteSpan {
  readonly first: number;
  readonly last: number;
}

/** See the head of this file. */
export class BackupService {
  readonly #deps: BackupServiceDeps;
  readonly #wake = new Wake();
  readonly #stop = new AbortController();
  #waiting: string | undefined;

  constructor(deps: BackupServiceDeps) {
    this.#deps = deps;
  }

  /** Newest first. */
  list(): Backup[] {
    return takenBackups(this.#deps.db).map(backupAnswer);
  }

  /** Makes one, for a person who typed the password; the file of an earlier one goes. */
  async make(takenBy: string): Promise<Backup> {
    const { db, paths, clock, version } = this.#deps;
    await this.#forget();
    const id = randomBytes(16).toString('hex');
    const taken = await makeBackup(
      { id, paths, clock, version, takenBy, signal: this.#stop.signal },
      {
        path: this.#path(id),
        note: (noted) => {
          insertTakenBackup(db, noted);
        },
      },
    );
    this.#waiting = id;
    this.#wake.wake();
    return backupAnswer(taken);
  }

  /** The file of one that still waits; `not-found` afterwards. */
  async file(id: string): Promise<{
    readonly sizeBytes: number;
    readonly fileName: string;
    open(range: ByteSpan | undefined): Promise<Readable>;
  }> {
    const known = takenBackups(this.#deps.db).find((backup) => backup.id === id);
    if (known === undefined || this.#waiting !== id) throw notHere();
    try {
      const { size } = await stat(this.#path(id));
      return {
        sizeBytes: size,
        fileName: backupFileName(known),
        open: (range) =>
          Promise.resolve(
            createReadStream(this.#path(id), {
              ...(range !== undefined && { start: range.first, end: range.last }),
            }),
          ),
      };
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') throw notHere();
      throw thrown;
    }
  }

  /** Takes away what nobody may fetch any more; returns when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => {
      this.#stop.abort(signal.reason);
    });
    await this.#sweep();
    while (!signal.aborted) {
      await this.#wake.wait(signal);
      const waited = this.#waiting;
      // Rejects when the server stops; the file goes then, too.
      await this.#deps.clock.sleep(KEPT_MS, signal).catch(() => undefined);
      if (this.#waiting === waited) await this.#forget();
    }
    await this.#forget();
  }

  async #forget(): Promise<void> {
    const id = this.#waiting;
    this.#waiting = undefined;
    if (id !== undefined) await rm(this.#path(id), { force: true });
  }

  /** What a server that was killed left. */
  async #sweep(): Promise<void> {
    const { backupsPath } = this.#deps.paths;
    for (const name of (await readdir(backupsPath)).filter((one) => WAITING.test(one))) {
      await rm(join(backupsPath, name), { force: true });
    }
  }

  #path(id: string): string {
    return join(this.#deps.paths.backupsPath, `${id}.age`);
  }
}

/** What the file is called for the person: the day in UTC, and that it is one of age. */
export function backupFileName({ takenMs }: Pick<TakenBackup, 'takenMs'>): string {
  return `doorkeep-backup-${toRfc3339(takenMs).slice(0, 16).replaceAll(':', '')}Z.age`;
}

function backupAnswer({ id, takenMs, takenBy, sizeBytes, keyGeneration }: TakenBackup): Backup {
  return { id, takenAt: toRfc3339(epochMs(takenMs)), takenBy, sizeBytes, keyGeneration };
}

function notHere(): AppError {
  return new AppError('not-found', 'The file of this backup is no longer on the box.', {
    hint: 'Take a new one: it can be fetched for a quarter of an hour.',
  });
}
