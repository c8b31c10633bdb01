/** An index as large as it gets: a million segments of one camera, two years. */
import type { EpochMs } from '../../server/base/time.ts';
import type { Database } from '../../server/storage/database.ts';

/** How many rows are added. */
export const MILLION = 1_000_000;

/** Adds them from `startMs` on, each like the oldest segment that is there, one each 58 s. */
export function insertMillion(db: Database, startMs: EpochMs): void {
  db.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
     INSERT INTO segment
       (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts, state)
     SELECT camera_id, run_id, 1000000 + i, :startMs + i * 58000, 58000, size_bytes, parts, state
     FROM n, (SELECT * FROM segment WHERE state = 'closed' ORDER BY id LIMIT 1)`,
    { rows: MILLION, startMs },
  );
}
