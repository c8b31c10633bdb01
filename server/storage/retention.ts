/**
 * Makes room: the oldest footage goes when the disk is nearly full, whichever camera it is of, and
 * before something new is begun. The steps are those of docs/design/storage.md, "Retention".
 */
import type { Clock } from '../base/clock.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import type { MonotonicMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { DiskSpace } from './disk-space.ts';
import type { FootageInUse } from './footage-in-use.ts';
import type { FootageStore } from './footage.ts';
import { deleteGapsBefore } from './gaps.ts';
import { deleteEmptyRuns } from './runs.ts';
import {
  camerasWithFootage,
  deleteSegment,
  firstRecordedMs,
  oldestClosed,
  type StoredSegment,
} from './segments.ts';

/** What it works with. */
export interface RetentionDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly inUse: FootageInUse;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the disk with the footage. */
  readonly space: () => Promise<DiskSpace>;
}

const MIB = 1024 * 1024;

/** Share of the disk that footage never takes, and its limits: the database, the log and the system
 * need room, and most file systems become slow when they are full. */
const RESERVE_SHARE = 0.02;
const RESERVE_MIN_BYTES = 512 * MIB;
const RESERVE_MAX_BYTES = 10 * 1024 * MIB;

/** No reserve takes more than this of a disk: one of 1 GiB is a test, or a stick. */
const RESERVE_MAX_SHARE = 0.1;

/** What is made free beyond the reserve: a minute of ten cameras, so that not each segment deletes. */
const MARGIN_BYTES = 256 * MIB;
const MARGIN_MAX_SHARE = 0.01;

/** Files that the file system can still make, for footage and for everything else. */
const FILES_RESERVE = 2_000;
const FILES_MARGIN = 200;

/** Between two steps the event loop belongs to others. */
const STEP_SEGMENTS = 64;

/** A terabyte in steps of 64 segments of 20 MB; what is left is for the next round. */
const STEPS_MAX = 1_000;

/** How often it looks by itself. */
const EVERY_MS = 60_000;

/** The file system is asked at most once in this time: a second of ten cameras is 4 MB. */
const SPACE_AGE_MS = 1_000;

/** What is missing; both 0: there is room. */
export interface Shortage {
  readonly bytes: number;
  readonly files: number;
}

/** What footage never takes of a disk of this size. Pure. */
export function reserveBytesOf(totalBytes: number): number {
  const wanted = Math.min(
    Math.max(totalBytes * RESERVE_SHARE, RESERVE_MIN_BYTES),
    RESERVE_MAX_BYTES,
  );
  return Math.floor(Math.min(wanted, totalBytes * RESERVE_MAX_SHARE));
}

/** How much has to go so that the reserve is free again, and a margin. Pure. */
export function shortageOf({ freeBytes, totalBytes, freeFiles, totalFiles }: DiskSpace): Shortage {
  const reserve = reserveBytesOf(totalBytes);
  const margin = Math.min(MARGIN_BYTES, totalBytes * MARGIN_MAX_SHARE);
  // Some file systems make files as they are needed, and say that they have none.
  const filesReserve = totalFiles === 0 ? 0 : Math.min(FILES_RESERVE, totalFiles / 10);
  return {
    bytes: freeBytes < reserve ? Math.ceil(reserve + margin - freeBytes) : 0,
    files:
      totalFiles > 0 && freeFiles < filesReserve
        ? Math.ceil(filesReserve + FILES_MARGIN - freeFiles)
        : 0,
  };
}

/** See the head of this file. */
export class Retention {
  readonly #deps: RetentionDeps;
  #asked: { readonly atMs: MonotonicMs; readonly hasRoom: boolean } | undefined;
  #working: Promise<boolean> | undefined;
  /** Segments deleted since the start; for metrics and tests. */
  deletedSegments = 0;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** Whether something new may be written; deletes first where that is needed. Several who ask at once
   * wait for the same work. Throws `io` when the disk refuses. */
  makeRoom(): Promise<boolean> {
    const { clock } = this.#deps;
    const asked = this.#asked;
    if (asked?.hasRoom === true && clock.monotonicMs() - asked.atMs < SPACE_AGE_MS) {
      return Promise.resolve(true);
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  /** The disk said that it is full, whatever was known of it: something has to go. */
  async onDiskFull(): Promise<boolean> {
    this.#asked = undefined;
    const before = this.deletedSegments;
    if (!(await this.makeRoom())) return false;
    // It had room by its own numbers, and was full all the same: a quota, or blocks kept back.
    return this.deletedSegments > before || this.#step({ bytes: MARGIN_BYTES, files: 0 });
  }

  /** Looks each minute until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      try {
        if (!(await this.makeRoom()))
          log.warn({}, 'the disk is full and there is nothing to delete');
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.kind !== 'io') throw error;
        log.warn(errorFields(error), 'old footage could not be deleted yet');
      }
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #work(): Promise<boolean> {
    let hasRoom = false;
    for (let step = 0; step < STEPS_MAX && !hasRoom; step += 1) {
      const shortage = shortageOf(await this.#deps.space());
      hasRoom = shortage.bytes === 0 && shortage.files === 0;
      if (!hasRoom && !(await this.#step(shortage))) break;
    }
    this.#asked = { atMs: this.#deps.clock.monotonicMs(), hasRoom };
    return hasRoom;
  }

  /** Deletes the oldest segments, up to what is missing; false when there is none. */
  async #step(shortage: Shortage): Promise<boolean> {
    const { db, inUse } = this.#deps;
    const cameras = camerasWithFootage(db);
    // What somebody is taking out at this moment goes last.
    const free = cameras.filter((cameraId) => !inUse.isHeld(cameraId));
    const victims = oldestOf(db, free, shortage);
    const chosen = victims.length > 0 ? victims : oldestOf(db, cameras, shortage);
    if (chosen.length === 0) return false;
    await this.#delete(chosen);
    return true;
  }

  async #delete(segments: readonly StoredSegment[]): Promise<void> {
    const { db, footage, log } = this.#deps;
    // retention 1: headers and files, durably. retention 2: their rows, and what spoke of them.
    await footage.deleteAll(segments);
    const cameras = new Set(segments.map(({ cameraId }) => cameraId));
    db.transaction(() => {
      for (const { segmentId } of segments) deleteSegment(db, segmentId);
      for (const cameraId of cameras) {
        deleteEmptyRuns(db, cameraId);
        const firstMs = firstRecordedMs(db, cameraId);
        if (firstMs !== undefined) deleteGapsBefore(db, cameraId, firstMs);
      }
    });
    // retention 3: folders that are empty now.
    const runs = new Map(segments.map(({ cameraId, runId }) => [runId, cameraId]));
    for (const [runId, cameraId] of runs) await footage.removeRunFolder(cameraId, runId);
    this.deletedSegments += segments.length;
    const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    log.info({ segments: segments.length, bytes }, 'the oldest footage made room');
  }
}

/** What a recorder throws when nothing could be made free. */
export function noRoom(): AppError {
  return new AppError('io', 'the disk is full', {
    reason: 'disk-full',
    hint: 'Free some space on the disk that holds the data folder: no old footage is left to delete.',
  });
}

/** The oldest closed segments of these cameras, up to what is missing. */
function oldestOf(
  db: Database,
  cameras: readonly string[],
  { bytes, files }: Shortage,
): StoredSegment[] {
  const oldest = cameras
    .flatMap((cameraId) => oldestClosed(db, cameraId, STEP_SEGMENTS))
    .sort((a, b) => a.startMs - b.startMs)
    .slice(0, STEP_SEGMENTS);
  let freed = 0;
  const enough = oldest.findIndex((segment, index) => {
    freed += segment.sizeBytes;
    return freed >= bytes && index + 1 >= files;
  });
  return enough === -1 ? oldest : oldest.slice(0, enough + 1);
}
