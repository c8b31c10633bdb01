/** Segments that a rule may delete: closed, and touched by no protected span. Each free span is one
 * search of the index, so a protected month costs no more than a protected minute. */
import type { Database } from './database.ts';
import { freeSpans, type Span } from './protected-ranges.ts';
import type { Query } from './row.ts';
import type { StoredSegment } from './segments.ts';

/** What has to be known of a segment to delete it. */
export type DeletableSegment = Omit<StoredSegment, 'partTable'>;

const OLDEST: Query<DeletableSegment> = {
  sql: `SELECT id, camera_id, run_id, sequence, start_ms, duration_ms, size_bytes FROM segment
        WHERE camera_id = :cameraId AND start_ms >= :fromMs AND start_ms < :toMs
          AND start_ms + duration_ms <= :toMs AND state = 'closed'
        ORDER BY start_ms LIMIT :limit`,
  read: (row) => ({
    segmentId: row.integer('id'),
    cameraId: row.text('camera_id'),
    runId: row.integer('run_id'),
    sequence: row.integer('sequence'),
    startMs: row.instant('start_ms'),
    durationMs: row.integer('duration_ms'),
    sizeBytes: row.integer('size_bytes'),
  }),
};

/** Which segments are asked for. */
export interface UnprotectedQuery {
  readonly cameraId: string;
  readonly spans: readonly Span[];
  readonly limit: number;
  /** Only those that begin later. */
  readonly afterMs?: number;
}

/** The oldest of a camera, at most `limit`, by time. */
export function oldestUnprotected(
  db: Database,
  { cameraId, spans, limit, afterMs = -Infinity }: UnprotectedQuery,
): DeletableSegment[] {
  const found: DeletableSegment[] = [];
  for (const span of freeSpans(spans)) {
    const fromMs = Math.max(span.fromMs, afterMs + 1);
    const rest = limit - found.length;
    if (rest <= 0) break;
    if (fromMs >= span.toMs) continue;
    found.push(...db.all(OLDEST, { cameraId, fromMs, toMs: span.toMs, limit: rest }));
  }
  return found;
}
