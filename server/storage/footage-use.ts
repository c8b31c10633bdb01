/**
 * How much footage each camera has. A closed segment never changes, so what was counted once stays
 * counted: the first answer after a start walks the rows in small steps (0.6 s for a million of
 * them, docs/design/playback.md), every further one looks at what is new.
 */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';
import { firstRecordedMs, lastRecordedMs } from './segments.ts';

/** Rows of one step: about 1 ms, after which the event loop belongs to others. */
const STEP_ROWS = 2_000;

/** What one camera has on the disk. */
export interface CameraFootage {
  readonly bytes: number;
  readonly durationMs: number;
  /** Undefined: nothing is recorded. */
  readonly oldestMs: EpochMs | undefined;
  readonly newestMs: EpochMs | undefined;
}

interface Sums {
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
  /** Start of the newest of them; undefined when there are none. */
  readonly lastStartMs: EpochMs | undefined;
}

/** What was counted of a camera so far. */
interface Counted {
  /** Start of the oldest segment then: another one now says that some were deleted. */
  readonly oldestMs: EpochMs;
  toMs: number;
  bytes: number;
  durationMs: number;
}

const SUM_COLUMNS = `
  count(*) AS row_count, coalesce(sum(size_bytes), 0) AS bytes,
  coalesce(sum(duration_ms), 0) AS duration_ms, max(start_ms) AS last_start_ms`;
const CLOSED_STEP: Query<Sums> = {
  sql: `SELECT ${SUM_COLUMNS} FROM (
          SELECT size_bytes, duration_ms, start_ms FROM segment
          WHERE camera_id = :cameraId AND start_ms > :afterMs AND state = 'closed'
          ORDER BY start_ms LIMIT :limit)`,
  read: (row) => ({
    rows: row.integer('row_count'),
    bytes: row.integer('bytes'),
    durationMs: row.integer('duration_ms'),
    lastStartMs: row.optionalInstant('last_start_ms'),
  }),
};
const OPEN: Query<{ bytes: number; durationMs: number }> = {
  sql: `SELECT size_bytes, duration_ms FROM segment
        WHERE camera_id = :cameraId AND state = 'open'`,
  read: (row) => ({
    bytes: row.integer('size_bytes'),
    durationMs: row.integer('duration_ms'),
  }),
};

/** See the head of this file. */
export class FootageUse {
  readonly #db: Database;
  readonly #counted = new Map<string, Counted>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** What there is of a camera, the segment being written included. */
  async of(cameraId: string): Promise<CameraFootage> {
    const oldestMs = firstRecordedMs(this.#db, cameraId);
    if (oldestMs === undefined) {
      this.#counted.delete(cameraId);
      return { bytes: 0, durationMs: 0, oldestMs, newestMs: undefined };
    }
    const counted = this.#countedFrom(cameraId, oldestMs);
    while (this.#countStep(cameraId, counted)) await letOthersRun();
    const open = this.#db.get(OPEN, { cameraId });
    return {
      bytes: counted.bytes + (open?.bytes ?? 0),
      durationMs: counted.durationMs + (open?.durationMs ?? 0),
      oldestMs,
      newestMs: lastRecordedMs(this.#db, cameraId),
    };
  }

  /** Footage goes from its oldest end, or with its camera as a whole: either shows there. */
  #countedFrom(cameraId: string, oldestMs: EpochMs): Counted {
    const known = this.#counted.get(cameraId);
    if (known?.oldestMs === oldestMs) return known;
    const counted = { oldestMs, toMs: oldestMs - 1, bytes: 0, durationMs: 0 };
    this.#counted.set(cameraId, counted);
    return counted;
  }

  /** Adds the next rows; true when there may be more. Two callers go on from where the other is. */
  #countStep(cameraId: string, counted: Counted): boolean {
    const step = this.#db.get(CLOSED_STEP, {
      ...{ cameraId, afterMs: counted.toMs, limit: STEP_ROWS },
    });
    if (step?.lastStartMs === undefined) return false;
    counted.toMs = step.lastStartMs;
    counted.bytes += step.bytes;
    counted.durationMs += step.durationMs;
    return step.rows === STEP_ROWS;
  }
}

function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
