/**
 * Looks after the disk with the footage: marks it once, has start-up put it in order, and says when it is not
 * the one it was, until it is again. The steps are those of docs/design/storage.md, "Mark".
 */
import type { Clock } from '../base/clock.ts';
import { type AppError, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import type { Database } from './database.ts';
import type { FootageDisk } from './footage-disk.ts';
import type { FootageListing } from './footage-listing.ts';
import type { FootageStore } from './footage.ts';
import { markIndexPending } from './index-state.ts';
import { footageCameLater, isFromBackup } from './restored-footage.ts';
import { noteServerEnd, recoverStorage } from './recovery.ts';
import { camerasWithFootage, newestSegments } from './segments.ts';

/** Two small files are read; who mounts a disk again waits no longer than for a camera. */
const EVERY_MS = 5_000;

/** So many of each camera's newest files are looked for in a folder from before there were marks: one could
 * have been lost by itself. */
const LOOKED_FOR = 8;

/** What it works with. */
export interface FootageWatchDeps {
  readonly db: Database;
  readonly disk: FootageDisk;
  readonly footage: FootageStore;
  readonly listing: Pick<FootageListing, 'runs'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** See the head of this file. */
export class FootageWatch {
  readonly #deps: FootageWatchDeps;
  #problem: AppError | undefined;
  /** Whether the disk was the right one at the last look. */
  #isRight = false;
  /** The right disk is back: what waited for it can go on. */
  onRight: () => void = () => undefined;

  constructor(deps: FootageWatchDeps) {
    this.#deps = deps;
  }

  /** Why nothing can be recorded; undefined while the disk is the right one. */
  get problem(): AppError | undefined {
    return this.#problem;
  }

  /** The first look, before anything records. With another disk start-up goes on without footage. */
  async open(): Promise<void> {
    const { db } = this.#deps;
    await this.#look();
    if (this.#problem !== undefined) noteServerEnd(db);
  }

  /** Looks every few seconds until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    for (;;) {
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { disk, log } = this.#deps;
    const before = this.#problem;
    try {
      await this.#markOnce();
      await disk.verify();
      await this.#putInOrder();
      await this.#noteWhatCame();
      this.#problem = undefined;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.kind !== 'io') throw error;
      this.#problem = error;
      this.#isRight = false;
      if (before === undefined) log.error(errorFields(error), 'nothing is recorded');
      return;
    }
    if (before === undefined) return;
    log.info({}, 'the disk with the footage is the right one again');
    this.onRight();
  }

  /** mark 1 to 3. A folder that was marked once is never marked again: that it has no mark now is what the
   * mark is for. */
  async #markOnce(): Promise<void> {
    const { db, disk, footage } = this.#deps;
    if (db.footageMarked) return;
    const states = await disk.marks();
    if (states.includes('foreign')) return;
    // Where rows speak of footage, it must be there: this may be the mount point of a disk that is not.
    // What came out of a backup says nothing: footage may be copied here later.
    const newest = camerasWithFootage(db)
      .flatMap((id) => newestSegments(db, id, LOOKED_FOR))
      .filter(({ runId }) => !isFromBackup(db, runId));
    let found = newest.length === 0;
    for (const place of newest) {
      found ||= (await footage.durableBytes(place)) !== undefined;
    }
    if (!found) return;
    await disk.mark();
    db.markFootage();
  }

  /** start-up, once, on the right disk. */
  async #putInOrder(): Promise<void> {
    const { db, disk, footage, log } = this.#deps;
    if (disk.isReady) return;
    const report = await recoverStorage({ db, footage });
    disk.isReady = true;
    log.info({ ...report }, 'storage is in order');
  }

  /** Wherever the disk was, footage may have been copied to it: looked for each time that it is the right one
   * again, before anything goes on with it. */
  async #noteWhatCame(): Promise<void> {
    const { db, listing } = this.#deps;
    if (this.#isRight) return;
    if (await footageCameLater(db, listing)) markIndexPending(db);
    this.#isRight = true;
  }
}
