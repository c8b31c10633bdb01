/**
 * Forgets a day: when its last footage goes, so do the keys of everything that was said about it. Steps:
 * docs/design/sealing.md, "Forgetting a day".
 */
import { epochMs, UTC_DAY_MS, utcDayOf, type UtcDay } from '../base/time.ts';
import type { Database } from './database.ts';
import { daysWithKeys, deleteDayKeys } from './day-keys.ts';
import type { SealedPayloads } from './sealed-payloads.ts';
import { camerasWithFootage, firstRecordedMs, hasFootage, type StoredSegment } from './segments.ts';

/** When footage lay: all that is asked of a segment here. */
export type DeletedSegment = Pick<StoredSegment, 'startMs' | 'durationMs'>;

/** See the head of this file. One for everything that deletes footage. */
export class DayForgetter {
  readonly #db: Database;
  readonly #payloads: Pick<SealedPayloads, 'forgetDays'>;
  /** A reader kept the log from being emptied. */
  #isLogLeft = false;

  constructor(db: Database, payloads: Pick<SealedPayloads, 'forgetDays'>) {
    this.#db = db;
    this.#payloads = payloads;
  }

  /** forget 1, in the transaction that deleted the rows of `deleted`: the keys of the days that have no
   * footage any more by it. Answers those days, for `finish`. */
  deleteKeys(deleted: readonly DeletedSegment[]): UtcDay[] {
    const db = this.#db;
    const cameras = camerasWithFootage(db);
    const firstMs = cameras.flatMap((cameraId) => firstRecordedMs(db, cameraId) ?? []);
    // Also what lies before all footage: a day of which there never was any goes with its time.
    const before = firstMs.length > 0 ? utcDayOf(epochMs(Math.min(...firstMs))) : -Infinity;
    const touched = new Set(deleted.flatMap(daysOf));
    const gone = daysWithKeys(db).filter(
      (day) => day < before || (touched.has(day) && !isFootageOf(db, cameras, day)),
    );
    for (const day of gone) deleteDayKeys(db, day);
    return gone;
  }

  /** forget 2 and 3, after the commit. */
  finish(days: readonly UtcDay[]): void {
    if (days.length > 0) {
      this.#payloads.forgetDays(days);
      this.#isLogLeft = true;
    }
    if (this.#isLogLeft) this.#isLogLeft = !this.#db.emptyLog();
  }
}

function daysOf({ startMs, durationMs }: DeletedSegment): UtcDay[] {
  const first = utcDayOf(startMs);
  const last = utcDayOf(epochMs(startMs + Math.max(0, durationMs - 1)));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) as UtcDay);
}

function isFootageOf(db: Database, cameras: readonly string[], day: UtcDay): boolean {
  const [fromMs, toMs] = [epochMs(day * UTC_DAY_MS), epochMs((day + 1) * UTC_DAY_MS)];
  return cameras.some((cameraId) => hasFootage(db, { cameraId, fromMs, toMs }));
}
