/**
 * How much footage each camera has. A closed segment never changes, so what was counted once stays
 * counted: the first answer after a start walks the rows in small steps (0.6 s for a million of
 * them, docs/design/playback.md), every further one looks at what is new. Retention tells what goes.
 */
import { letOthersRun } from '../base/let-others-run.ts';
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import { protectedSpans, type Span } from './protected-ranges.ts';
import type { Query } from './row.ts';
import { firstRecordedMs, lastRecordedMs, SEGMENT_MAX_MS } from './segments.ts';
import type { DeletableSegment } from './unprotected.ts';

/** Rows of one step: about 1 ms, after which the event loop belongs to others. */
const STEP_ROWS = 2_000;

/** What some segments are together. */
export interface Amount {
  readonly bytes: number;
  readonly durationMs: number;
}

/** What one camera has on the disk. */
export interface CameraFootage extends Amount {
  /** Of closed segments that a protected range touches. */
  readonly protectedBytes: number;
  readonly unprotectedBytes: number;
  /** Undefined: nothing is recorded. */
  readonly oldestMs: EpochMs | undefined;
  readonly newestMs: EpochMs | undefined;
}

interface Sums extends Amount {
  readonly rows: number;
  /** Start of the newest of them; undefined when there are none. */
  readonly lastStartMs: EpochMs | undefined;
}

/** What was counted of a stretch so far. */
interface Counted {
  readonly span: Span;
  /** Start of the last segment that is in. */
  toMs: number;
  bytes: number;
  durationMs: number;
}

/** What was counted of a camera. */
interface CameraCount {
  /** Start of the oldest segment: another one that nobody told of says that some were deleted. */
  oldestMs: EpochMs;
  readonly all: Counted;
  /** By span; what is protected does not go, so these only grow. */
  protectedSpans: Counted[];
}

const EVERYTHING: Span = { fromMs: -Infinity, toMs: Infinity };

const SUM_COLUMNS = `
  count(*) AS row_count, coalesce(sum(size_bytes), 0) AS bytes,
  coalesce(sum(duration_ms), 0) AS duration_ms, max(start_ms) AS last_start_ms`;
// The index ends at start_ms: whoever wants what reaches into a span begins a segment's length before.
const CLOSED_STEP: Query<Sums> = {
  sql: `SELECT ${SUM_COLUMNS} FROM (
          SELECT size_bytes, duration_ms, start_ms FROM segment
          WHERE camera_id = :cameraId AND start_ms > :afterMs AND start_ms < :toMs
            AND start_ms + duration_ms > :fromMs AND state = 'closed'
          ORDER BY start_ms LIMIT :limit)`,
  read: (row) => ({
    rows: row.integer('row_count'),
    bytes: row.integer('bytes'),
    durationMs: row.integer('duration_ms'),
    lastStartMs: row.optionalInstant('last_start_ms'),
  }),
};
const OPEN: Query<Amount> = {
  sql: `SELECT size_bytes, duration_ms FROM segment
        WHERE camera_id = :cameraId AND state = 'open'`,
  read: (row) => ({
    bytes: row.integer('size_bytes'),
    durationMs: row.integer('duration_ms'),
  }),
};

/** See the head of this file. One per server, so that whoever deletes tells the one who counts. */
export class FootageUse {
  readonly #db: Database;
  readonly #counts = new Map<string, CameraCount>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** What there is of a camera, the segment being written included. */
  async of(cameraId: string): Promise<CameraFootage> {
    const oldestMs = firstRecordedMs(this.#db, cameraId);
    if (oldestMs === undefined) {
      this.#counts.delete(cameraId);
      const nothing = { bytes: 0, durationMs: 0, protectedBytes: 0, unprotectedBytes: 0 };
      return { ...nothing, oldestMs, newestMs: undefined };
    }
    const count = this.#countOf(cameraId, oldestMs);
    await this.#count(cameraId, count.all);
    for (const counted of count.protectedSpans) await this.#count(cameraId, counted);
    const open = this.#db.get(OPEN, { cameraId });
    const bytes = count.all.bytes + (open?.bytes ?? 0);
    const protectedBytes = count.protectedSpans.reduce((sum, counted) => sum + counted.bytes, 0);
    return {
      ...{ bytes, durationMs: count.all.durationMs + (open?.durationMs ?? 0) },
      ...{ protectedBytes, unprotectedBytes: Math.max(bytes - protectedBytes, 0) },
      ...{ oldestMs, newestMs: lastRecordedMs(this.#db, cameraId) },
    };
  }

  /** What closed segments have that touch a span; counted anew each time. */
  async between(cameraId: string, { fromMs, toMs }: Span): Promise<Amount> {
    const counted = newCount({ fromMs, toMs }, fromMs - SEGMENT_MAX_MS - 1);
    await this.#count(cameraId, counted);
    return { bytes: counted.bytes, durationMs: counted.durationMs };
  }

  /** What closed segments have that begin in a span; counted anew each time. */
  async begunIn(cameraId: string, { fromMs, toMs }: Span): Promise<Amount> {
    const counted = newCount({ fromMs: -Infinity, toMs }, fromMs - 1);
    await this.#count(cameraId, counted);
    return { bytes: counted.bytes, durationMs: counted.durationMs };
  }

  /** These rows are gone. Call it in the turn of the commit: what is counted is what there is. */
  onDeleted(segments: readonly DeletableSegment[]): void {
    for (const { cameraId, startMs, sizeBytes, durationMs } of segments) {
      const count = this.#counts.get(cameraId);
      // What was not counted yet never will be.
      if (count === undefined || startMs > count.all.toMs) continue;
      count.all.bytes -= sizeBytes;
      count.all.durationMs -= durationMs;
    }
    for (const cameraId of new Set(segments.map((segment) => segment.cameraId))) {
      const count = this.#counts.get(cameraId);
      const oldestMs = firstRecordedMs(this.#db, cameraId);
      if (count !== undefined && oldestMs !== undefined) count.oldestMs = oldestMs;
    }
  }

  #countOf(cameraId: string, oldestMs: EpochMs): CameraCount {
    const known = this.#counts.get(cameraId);
    const count =
      known?.oldestMs === oldestMs
        ? known
        : { oldestMs, all: newCount(EVERYTHING, -Infinity), protectedSpans: [] };
    this.#counts.set(cameraId, count);
    // The same span keeps what was counted of it.
    count.protectedSpans = protectedSpans(this.#db, cameraId).map(
      (span) =>
        count.protectedSpans.find(
          (counted) => counted.span.fromMs === span.fromMs && counted.span.toMs === span.toMs,
        ) ?? newCount(span, span.fromMs - SEGMENT_MAX_MS - 1),
    );
    return count;
  }

  async #count(cameraId: string, counted: Counted): Promise<void> {
    while (this.#countStep(cameraId, counted)) await letOthersRun();
  }

  /** Adds the next rows; true when there may be more. Two callers go on from where the other is. */
  #countStep(cameraId: string, counted: Counted): boolean {
    const step = this.#db.get(CLOSED_STEP, {
      ...{ cameraId, afterMs: counted.toMs, ...counted.span, limit: STEP_ROWS },
    });
    if (step?.lastStartMs === undefined) return false;
    counted.toMs = step.lastStartMs;
    counted.bytes += step.bytes;
    counted.durationMs += step.durationMs;
    return step.rows === STEP_ROWS;
  }
}

function newCount(span: Span, afterMs: number): Counted {
  return { span, toMs: afterMs, bytes: 0, durationMs: 0 };
}
