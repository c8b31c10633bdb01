/** Says in rows when nothing is recorded, also when the disk that should hold the row is full. */
import { toAppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { GapReason } from '../contract/recording.ts';
import type { Database } from '../storage/database.ts';
import {
  closeGap,
  cutGapsAt,
  insertGap,
  openGapOf,
  renameGap,
  SHORTEST_GAP_MS,
} from '../storage/gaps.ts';

/** Reasons that are the household's or the box's doing and not the camera's. Where one of them meets
 * another reason, a new gap begins: "off until eight, then unreachable" is two things to know. They
 * change by hand or by a restart only, so the number of rows stays small; a camera that alternates
 * between "stalled" and "unreachable" makes one row. */
const DELIBERATE: ReadonlySet<GapReason> = new Set([
  'disabled',
  'removed',
  'stopped',
  'server-stopped',
  'server-crashed',
  'index-lost',
]);

/** How a connection ended, not why it does not come back: a camera that lost its power "ended the
 * connection", too. The first reason that says more takes the gap over, and keeps it: what a camera
 * says while it starts again is not why it was away. */
const SYMPTOMS: ReadonlySet<GapReason> = new Set([
  'disconnected',
  'stalled',
  'corrupt',
  'format-changed',
  'clock-drift',
]);

interface OpenGap {
  readonly fromMs: EpochMs;
  reason: GapReason;
  /** Its row is in the database; false while the database refuses writes. */
  stored: boolean;
}

/** The open gap of one camera. */
export class GapKeeper {
  readonly #db: Database;
  readonly #cameraId: string;
  #gap: OpenGap | undefined;

  constructor(db: Database, cameraId: string) {
    this.#db = db;
    this.#cameraId = cameraId;
  }

  /** Reads what the last recorder left. */
  load(): void {
    const open = openGapOf(this.#db, this.#cameraId);
    this.#gap = open === undefined ? undefined : { ...open, stored: true };
  }

  /** The rows of the camera were moved in time; its footage ends at `durableToMs` now. */
  moved(durableToMs: EpochMs | undefined): void {
    const gap = this.#gap;
    if (gap === undefined || gap.stored) this.load();
    else this.#gap = { ...gap, fromMs: durableToMs ?? gap.fromMs };
  }

  /** Recording stopped: nothing is durable from `fromMs` on. While a gap is open it goes on, perhaps
   * with a better reason, unless a deliberate one begins or ends at `nowMs`. */
  open(reason: GapReason, fromMs: EpochMs, nowMs: EpochMs): void {
    const gap = this.#gap;
    if (gap === undefined) {
      this.#gap = { fromMs, reason, stored: false };
    } else if (
      gap.reason !== reason &&
      (DELIBERATE.has(gap.reason) || DELIBERATE.has(reason)) &&
      nowMs - gap.fromMs >= SHORTEST_GAP_MS
    ) {
      this.#store(() => {
        this.close(nowMs);
      });
      this.#gap = { fromMs: nowMs, reason, stored: false };
    } else if (
      // A disk that is pulled out refuses a write first.
      (gap.reason === 'write-failed' && reason === 'wrong-disk') ||
      (SYMPTOMS.has(gap.reason) && !SYMPTOMS.has(reason) && !DELIBERATE.has(reason))
    ) {
      gap.reason = reason;
      if (gap.stored) {
        this.#store(() => {
          renameGap(this.#db, this.#cameraId, reason);
        });
      }
    }
    this.#store(() => {
      this.#insertOpen();
    });
  }

  /** Recording goes on with a frame at `toMs`; part of the commit that makes it durable. The caller
   * calls `closed` when that commit is done. */
  close(toMs: EpochMs): void {
    const gap = this.#gap;
    if (gap === undefined) return;
    if (gap.stored) {
      closeGap(this.#db, this.#cameraId, toMs);
    } else {
      const { fromMs, reason } = gap;
      insertGap(this.#db, { cameraId: this.#cameraId, fromMs, toMs, reason });
    }
    // The gap before this one was ended by the clock, when a deliberate reason began or ended. The
    // first frame can be older than that: the clock was stepped back, or the machine was busy.
    if (toMs < gap.fromMs) cutGapsAt(this.#db, this.#cameraId, toMs);
  }

  /** The commit with `close` in it is durable. */
  closed(): void {
    this.#gap = undefined;
  }

  #insertOpen(): void {
    const gap = this.#gap;
    if (gap === undefined || gap.stored) return;
    const { fromMs, reason } = gap;
    insertGap(this.#db, { cameraId: this.#cameraId, fromMs, toMs: undefined, reason });
    gap.stored = true;
  }

  /** A full disk can refuse the very row that says so: it is kept here and written with the first
   * part that is durable again, or by start-up, which sees the run that nobody ended. */
  #store(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.kind !== 'io') throw error;
    }
  }
}
