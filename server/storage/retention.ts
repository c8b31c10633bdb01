/**
 * Deletes by itself, and only here: the oldest footage when the disk is nearly full, before something
 * new is begun; each minute what is older or more than the household wants. What goes is decided in
 * retention-plan.ts; the steps are those of docs/design/storage.md, "Retention".
 */
import type { Clock } from '../base/clock.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { epochMs, type EpochMs, type MonotonicMs, type UtcDay } from '../base/time.ts';
import type { DeletionReason } from '../contract/storage.ts';
import { AgeClock } from './age-clock.ts';
import type { Database } from './database.ts';
import { deleteSegments } from './delete-segments.ts';
import type { DiskSpace } from './disk-space.ts';
import type { FootageInUse } from './footage-in-use.ts';
import type { FootageUse } from './footage-use.ts';
import type { FootageStore } from './footage.ts';
import type { DayForgetter } from './forget-days.ts';
import { deleteGapsBefore } from './gaps.ts';
import { keepLimits, NO_LIMITS } from './keep-limits.ts';
import { protectedSpans } from './protected-ranges.ts';
import {
  MARGIN_BYTES,
  NO_SHORTAGE,
  planDeletion,
  shortageOf,
  type Deletion,
  type PlanCamera,
  type Shortage,
} from './retention-plan.ts';
import { deleteEmptyRuns } from './runs.ts';
import { camerasWithFootage, firstRecordedMs, lastRecordedMs } from './segments.ts';
import { oldestUnprotected } from './unprotected.ts';

/** What it works with. */
export interface RetentionDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly inUse: FootageInUse;
  readonly days: DayForgetter;
  /** Is told what goes. */
  readonly use: FootageUse;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the disk with the footage. */
  readonly space: () => Promise<DiskSpace>;
  /** Whether the wall clock is right, as far as others know; left out: nobody doubts it. */
  readonly isClockTrusted?: () => boolean;
}

/** Between two steps the event loop belongs to others. */
const STEP_SEGMENTS = 64;

/** A terabyte in steps of 64 segments of 20 MB; what is left is for the next round. */
const STEPS_MAX = 1_000;

/** By limits no more goes in a round than this, 1,024 segments: ten times what twenty cameras record
 * in a minute, and a month of ten cameras takes seven hours, in which a mistake can be noticed. */
const LIMIT_STEPS_MAX = 16;

/** How often it looks by itself. */
const EVERY_MS = 60_000;

/** The file system is asked at most once in this time: a second of ten cameras is 4 MB. */
const SPACE_AGE_MS = 1_000;

/** See the head of this file. */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #ageClock = new AgeClock();
  #asked: { readonly atMs: MonotonicMs; readonly hasRoom: boolean } | undefined;
  #working: Promise<boolean> | undefined;
  /** One step after the other: two would choose the same segments. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Segments deleted since the start; for metrics and tests. */
  deletedSegments = 0;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** When it looked last there was no room, and nothing that may go. */
  get isFull(): boolean {
    return this.#asked?.hasRoom === false;
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

  /** Deletes what is older or more than the household wants, as much as a round may. Throws `io`. */
  async keepLimits(): Promise<void> {
    const nowMs = this.#ageNow();
    for (let step = 0; step < LIMIT_STEPS_MAX; step += 1) {
      if (!(await this.#limitStep(nowMs))) return;
    }
  }

  /** Resolves when what is being deleted now is gone: what is protected by then stays. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Looks each minute until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, days, log } = this.#deps;
    while (!signal.aborted) {
      try {
        days.finish([]);
        await this.keepLimits();
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
    // The room of another disk says nothing.
    await this.#deps.footage.verify();
    let hasRoom = false;
    for (let step = 0; step < STEPS_MAX && !hasRoom; step += 1) {
      const shortage = shortageOf(await this.#deps.space());
      hasRoom = shortage.bytes === 0 && shortage.files === 0;
      if (!hasRoom && !(await this.#step(shortage))) break;
    }
    this.#asked = { atMs: this.#deps.clock.monotonicMs(), hasRoom };
    return hasRoom;
  }

  /** Makes room: deletes the oldest segments, up to what is missing; false when there is none. */
  #step(shortage: Shortage): Promise<boolean> {
    return this.#inTurn(async () => {
      const cameras = camerasWithFootage(this.#deps.db).map((id) => this.#planCamera(id));
      const planned = planDeletion({
        ...{ cameras, shortage, nowMs: undefined, maxSegments: STEP_SEGMENTS },
      });
      await this.#delete(planned);
      return planned.length > 0;
    });
  }

  /** Of the cameras that have limits; a removed one has none, and goes as a whole. */
  #limitStep(nowMs: EpochMs | undefined): Promise<boolean> {
    const { db, use } = this.#deps;
    return this.#inTurn(async () => {
      const cameras: PlanCamera[] = [];
      for (const [cameraId, keep] of keepLimits(db)) {
        const unprotectedBytes =
          keep.bytes === null ? undefined : (await use.of(cameraId)).unprotectedBytes;
        cameras.push({ ...this.#planCamera(cameraId), keep, unprotectedBytes });
      }
      const planned = planDeletion({
        ...{ cameras, shortage: NO_SHORTAGE, nowMs, maxSegments: STEP_SEGMENTS },
      });
      await this.#delete(planned);
      return planned.length > 0;
    });
  }

  #planCamera(cameraId: string): PlanCamera {
    const { db, inUse } = this.#deps;
    const spans = protectedSpans(db, cameraId);
    return {
      oldest: oldestUnprotected(db, { cameraId, spans, limit: STEP_SEGMENTS }),
      ...{ protectedSpans: spans, keep: NO_LIMITS, unprotectedBytes: undefined },
      isHeld: inUse.isHeld(cameraId),
    };
  }

  #ageNow(): EpochMs | undefined {
    const { db, clock, isClockTrusted } = this.#deps;
    const ends = camerasWithFootage(db).flatMap((id) => lastRecordedMs(db, id) ?? []);
    return this.#ageClock.look({
      ...{ wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() },
      newestMs: ends.length === 0 ? undefined : epochMs(Math.max(...ends)),
      isTrusted: isClockTrusted?.() ?? true,
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #delete(planned: readonly Deletion[]): Promise<void> {
    if (planned.length === 0) return;
    const { db, days, use, log } = this.#deps;
    const segments = planned.map(({ segment }) => segment);
    const cameras = new Set(segments.map(({ cameraId }) => cameraId));
    let forgotten: readonly UtcDay[] = [];
    await deleteSegments(this.#deps, segments, () => {
      for (const cameraId of cameras) {
        deleteEmptyRuns(db, cameraId);
        const firstMs = firstRecordedMs(db, cameraId);
        if (firstMs !== undefined) deleteGapsBefore(db, cameraId, firstMs);
      }
      forgotten = days.deleteKeys(segments);
    });
    days.finish(forgotten);
    use.onDeleted(segments);
    this.deletedSegments += segments.length;
    const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const because = (wanted: DeletionReason): number =>
      planned.filter(({ reason }) => reason === wanted).length;
    log.info(
      {
        ...{ segments: segments.length, bytes },
        ...{ forAge: because('days'), forShare: because('bytes'), forRoom: because('room') },
      },
      'old footage was deleted',
    );
  }
}

/** What a recorder throws when nothing could be made free. */
export function noRoom(): AppError {
  return new AppError('io', 'the disk is full', {
    reason: 'disk-full',
    hint: 'Free some space on the disk that holds the data folder: no old footage is left to delete.',
  });
}
