/**
 * Sets the labels of uncertain runs right when the true time is known: docs/design/time.md, "When the
 * true time is learned". Rows only: files are named by run and sequence, and never change.
 */
import { epochMs, type EpochMs } from '../base/time.ts';
import { GAP_REASONS, type GapReason } from '../contract/recording.ts';
import type { Database } from './database.ts';
import { insertGap, SHORTEST_GAP_MS } from './gaps.ts';
import type { Query } from './row.ts';
import {
  settledInstant,
  settledPlaces,
  type PlacedRun,
  type UnsettledRun,
} from './settled-places.ts';

/** A moment of which both the true time and the machine's uptime are known. */
export interface KnownTime {
  readonly nowMs: EpochMs;
  readonly uptimeMs: number;
  readonly bootId: string;
}

interface UncertainRun extends UnsettledRun {
  readonly runId: number;
  readonly endReason: string | undefined;
}

interface GapRow {
  readonly gapId: number;
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

const LAST_CERTAIN: Query<{ runId: number; endReason: string | undefined }> = {
  sql: `SELECT id, end_reason FROM run WHERE camera_id = :cameraId AND uncertain = 0
        ORDER BY id DESC LIMIT 1`,
  read: (row) => ({ runId: row.integer('id'), endReason: row.optionalText('end_reason') }),
};
const LAST_CERTAIN_MS: Query<EpochMs> = {
  sql: `SELECT segment.start_ms + segment.duration_ms AS end_ms
        FROM segment JOIN run ON run.id = segment.run_id
        WHERE segment.camera_id = :cameraId AND run.uncertain = 0
        ORDER BY segment.start_ms DESC LIMIT 1`,
  read: (row) => row.instant('end_ms'),
};
const UNCERTAIN: Query<Omit<UncertainRun, 'exactByMs'> & { anchorMs: number; uptimeMs: number }> = {
  sql: `SELECT run.id, anchor_ms, end_reason, boot_id, coalesce(anchor_uptime_ms, 0) AS uptime_ms,
          coalesce(min(start_ms), anchor_ms) AS from_ms,
          coalesce(max(start_ms + duration_ms), anchor_ms) AS to_ms
        FROM run LEFT JOIN segment ON segment.run_id = run.id
        WHERE run.camera_id = :cameraId AND run.uncertain = 1 AND run.id > :afterId
        GROUP BY run.id ORDER BY run.id`,
  read: (row) => ({
    runId: row.integer('id'),
    anchorMs: row.integer('anchor_ms'),
    endReason: row.optionalText('end_reason'),
    bootId: row.optionalText('boot_id'),
    uptimeMs: row.integer('uptime_ms'),
    fromMs: row.integer('from_ms'),
    toMs: row.integer('to_ms'),
  }),
};
const GAPS_FROM: Query<GapRow> = {
  sql: `SELECT id, from_ms, to_ms FROM gap WHERE camera_id = :cameraId AND from_ms >= :fromMs
        ORDER BY from_ms`,
  read: (row) => ({
    gapId: row.integer('id'),
    fromMs: row.integer('from_ms'),
    toMs: row.optionalInteger('to_ms'),
  }),
};
const MOVE_RUN = `
  UPDATE run SET anchor_ms = anchor_ms + :byMs, uncertain = :isUncertain,
    boot_id = CASE :isUncertain WHEN 1 THEN boot_id END,
    anchor_uptime_ms = CASE :isUncertain WHEN 1 THEN anchor_uptime_ms END
  WHERE id = :runId`;
const MOVE_SEGMENTS = 'UPDATE segment SET start_ms = start_ms + :byMs WHERE run_id = :runId';
const MOVE_GAP = 'UPDATE gap SET from_ms = :fromMs, to_ms = :toMs WHERE id = :gapId';
const DELETE_GAP = 'DELETE FROM gap WHERE id = :gapId';

/** See the head of this file; answers whether a row changed. Whoever writes rows of the camera calls
 * it, between two writes. */
export function settleTimes(db: Database, cameraId: string, known: KnownTime): boolean {
  return db.transaction(() => {
    const certain = db.get(LAST_CERTAIN, { cameraId });
    const runs = uncertainRuns(db, cameraId, { afterId: certain?.runId ?? 0, known });
    if (runs.length === 0) return false;
    // Before all instants where nothing certain is left to come after.
    const floorMs = lastCertainMs(db, cameraId) ?? -Infinity;
    const limits = { floorMs, nowMs: Math.floor(known.nowMs) };
    const places = settledPlaces(runs, limits);
    const placed = runs.map((run, index) => ({
      ...run,
      ...(places[index] ?? { byMs: 0, certain: false }),
    }));
    const moving = placed.filter((run) => run.byMs !== 0 || run.certain);
    if (moving.length === 0) return false;
    for (const { runId, byMs, certain: isCertain } of moving) {
      db.run(MOVE_RUN, { runId, byMs, isUncertain: isCertain ? 0 : 1 });
      db.run(MOVE_SEGMENTS, { runId, byMs });
    }
    moveGaps(db, cameraId, placed, limits);
    fillHoles(db, cameraId, placed, { floorMs, endReason: certain?.endReason });
    return true;
  });
}

/** Where certain footage of a camera ends; undefined when there is none. */
export function lastCertainMs(db: Database, cameraId: string): EpochMs | undefined {
  return db.get(LAST_CERTAIN_MS, { cameraId });
}

function uncertainRuns(
  db: Database,
  cameraId: string,
  { afterId, known }: { readonly afterId: number; readonly known: KnownTime },
): UncertainRun[] {
  return db.all(UNCERTAIN, { cameraId, afterId }).map(({ anchorMs, uptimeMs, ...run }) => {
    const trueAnchorMs = known.nowMs - (known.uptimeMs - uptimeMs);
    const isThisBoot = run.bootId === known.bootId;
    return { ...run, exactByMs: isThisBoot ? Math.round(trueAnchorMs - anchorMs) : undefined };
  });
}

/** step 5, rows that are there. */
function moveGaps(
  db: Database,
  cameraId: string,
  placed: readonly PlacedRun[],
  limits: { readonly floorMs: number; readonly nowMs: number },
): void {
  const fromMs = Number.isFinite(limits.floorMs) ? limits.floorMs : Number.MIN_SAFE_INTEGER;
  for (const gap of db.all(GAPS_FROM, { cameraId, fromMs })) {
    const movedFromMs = settledInstant(gap.fromMs, placed, limits);
    const movedToMs = gap.toMs === undefined ? undefined : settledInstant(gap.toMs, placed, limits);
    if (movedToMs !== undefined && movedToMs - movedFromMs < SHORTEST_GAP_MS) {
      db.run(DELETE_GAP, { gapId: gap.gapId });
    } else {
      db.run(MOVE_GAP, { gapId: gap.gapId, fromMs: movedFromMs, toMs: movedToMs ?? null });
    }
  }
}

/** step 5, time that opened between two runs which lay side by side. */
function fillHoles(
  db: Database,
  cameraId: string,
  placed: readonly (PlacedRun & { readonly endReason: string | undefined })[],
  first: { readonly floorMs: number; readonly endReason: string | undefined },
): void {
  let endMs = first.floorMs;
  let { endReason } = first;
  for (const run of placed) {
    const startMs = run.fromMs + run.byMs;
    if (Number.isFinite(endMs) && startMs - endMs >= SHORTEST_GAP_MS) {
      const rows = db.all(GAPS_FROM, { cameraId, fromMs: endMs });
      if (!rows.some((gap) => gap.fromMs < startMs)) {
        const hole = { fromMs: epochMs(endMs), toMs: epochMs(startMs) };
        insertGap(db, { cameraId, ...hole, reason: reasonOf(endReason) });
      }
    }
    endMs = run.toMs + run.byMs;
    ({ endReason } = run);
  }
}

function reasonOf(stored: string | undefined): GapReason {
  return GAP_REASONS.find((known) => known === stored) ?? 'internal';
}
