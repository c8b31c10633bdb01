/**
 * Start-up: makes index and files agree after whatever ended the server. The steps are those of
 * docs/design/storage.md, "Start-up". It looks only at what rows say was unfinished, so it takes the
 * same time with a day of footage as with a year.
 */
import type { Database } from './database.ts';
import { requeueExports } from './export-jobs.ts';
import { segmentName } from './footage-names.ts';
import type { FootageStore } from './footage.ts';
import { finishDeleting } from './delete-segments.ts';
import { DayForgetter } from './forget-days.ts';
import { insertGap, openGapOf } from './gaps.ts';
import { isIndexPending, markIndexPending } from './index-state.ts';
import { isFromBackup } from './restored-footage.ts';
import { endRun, unfinishedRuns, type UnfinishedRun } from './runs.ts';
import {
  closeSegment,
  deleteSegment,
  lastRecordedMs,
  nextSequence,
  openSegments,
  partsOf,
  type StoredSegment,
} from './segments.ts';

/** What start-up found; all zero after an orderly stop. */
export interface RecoveryReport {
  /** Segments that were being written and are closed now. */
  readonly closedSegments: number;
  /** Bytes behind the last durable part. Finishing cuts them off. */
  readonly uncountedBytes: number;
  /** Segments whose file had fewer bytes than the index counted: the disk lost what it had said was
   * safe. Worth a warning. */
  readonly damagedSegments: number;
  /** Files that never got a row, deleted. */
  readonly strayFiles: number;
  /** Cameras that were recording: each has an open gap now. */
  readonly openedGaps: number;
  readonly requeuedExports: number;
}

/** Call it once, after the database was opened and before any recorder begins. */
export async function recoverStorage(deps: {
  db: Database;
  footage: FootageStore;
}): Promise<RecoveryReport> {
  const { db, footage } = deps;
  // start-up 1.
  if (!isIndexPending(db) && (await isOlderThanFootage(db, footage))) markIndexPending(db);
  // start-up 2. No key of a day is open in memory yet.
  const days = new DayForgetter(db, { forgetDays: () => undefined });
  await finishDeleting(deps, days);
  // start-up 3, which is forget 3 where the server died before it.
  db.emptyLog();
  const report = { closedSegments: 0, uncountedBytes: 0, damagedSegments: 0, strayFiles: 0 };
  for (const segment of openSegments(db)) {
    const { uncountedBytes, damaged } = await closeLeftOpen(db, footage, segment);
    report.closedSegments += 1;
    report.uncountedBytes += uncountedBytes;
    report.damagedSegments += damaged ? 1 : 0;
  }
  const runs = unfinishedRuns(db);
  for (const run of runs) {
    if (!isFromBackup(db, run.runId) && (await removeStray(db, footage, run))) {
      report.strayFiles += 1;
    }
  }
  const openedGaps = noteServerEnd(db);
  for (const run of runs) endRun(db, run.runId, endReason(db));
  // start-up 7, among what is answered.
  return { ...report, openedGaps, requeuedExports: requeueExports(db) };
}

/** The gaps of start-up 6: cameras that were recording when the server ended. Where another disk lies in the
 * place of the footage, it is all of start-up that can be done yet. Answers how many. */
export function noteServerEnd(db: Database): number {
  let openedGaps = 0;
  for (const cameraId of new Set(unfinishedRuns(db).map((run) => run.cameraId))) {
    const fromMs = lastRecordedMs(db, cameraId);
    if (fromMs === undefined || openGapOf(db, cameraId) !== undefined) continue;
    insertGap(db, { cameraId, fromMs, toMs: undefined, reason: endReason(db) });
    openedGaps += 1;
  }
  return openedGaps;
}

function endReason(db: Database): 'server-stopped' | 'server-crashed' {
  return db.stoppedCleanly ? 'server-stopped' : 'server-crashed';
}

/** start-up 4 and 5: the row counts what is there, and is closed. The file gets its last chunk when
 * somebody unlocks (finish-segments.ts). */
async function closeLeftOpen(
  db: Database,
  footage: FootageStore,
  segment: StoredSegment,
): Promise<{ uncountedBytes: number; damaged: boolean }> {
  if (isFromBackup(db, segment.runId)) return closeFromBackup(db, footage, segment);
  if (isIndexPending(db)) {
    // The row may be of an older database: the file says better what is in it, at the next unlock.
    deleteSegment(db, segment.segmentId);
    return { uncountedBytes: 0, damaged: false };
  }
  const parts = partsOf(db, segment);
  const durableBytes = (await footage.durableBytes(segment)) ?? 0;
  const whole = parts.filter((part) => part.offsetBytes + part.sizeBytes <= durableBytes);
  const last = whole.at(-1);
  const damaged = whole.length < parts.length;
  if (last === undefined) {
    await footage.delete(segment);
    deleteSegment(db, segment.segmentId);
    return { uncountedBytes: durableBytes, damaged };
  }
  closeSegment(db, segment.segmentId, whole);
  return { uncountedBytes: durableBytes - last.offsetBytes - last.sizeBytes, damaged };
}

/** Its rows were true of the box that made them. Where the file is here already, the rebuilding of the index
 * says better what is in it; otherwise it may come later. */
async function closeFromBackup(
  db: Database,
  footage: FootageStore,
  segment: StoredSegment,
): Promise<{ uncountedBytes: number; damaged: boolean }> {
  const parts = partsOf(db, segment);
  const isHere = isIndexPending(db) && (await footage.durableBytes(segment)) !== undefined;
  if (isHere || parts.length === 0) deleteSegment(db, segment.segmentId);
  else closeSegment(db, segment.segmentId, parts);
  return { uncountedBytes: 0, damaged: false };
}

/** start-up 6: at most one file of a run lies there without a row, and its name is known. */
async function removeStray(
  db: Database,
  footage: FootageStore,
  run: UnfinishedRun,
): Promise<boolean> {
  if (isIndexPending(db)) return false;
  const { cameraId, runId } = run;
  const wasThere = await footage.delete({ cameraId, runId, sequence: nextSequence(db, runId) });
  await footage.removeRunFolder(cameraId, runId);
  return wasThere;
}

/**
 * start-up 1: whether the database was put back from a copy: a server that ends leaves at most one file behind the
 * last row of a run, never a finished one, and never a file without a tail that has more than its row.
 */
async function isOlderThanFootage(db: Database, footage: FootageStore): Promise<boolean> {
  const tails = new Set((await footage.withTail()).map(segmentName));
  for (const { cameraId, runId } of unfinishedRuns(db)) {
    const next = { cameraId, runId, sequence: nextSequence(db, runId) };
    const isFinished =
      !tails.has(segmentName(next)) && ((await footage.durableBytes(next)) ?? 0) > 0;
    if (isFinished) return true;
    const second = { ...next, sequence: next.sequence + 1 };
    if ((await footage.durableBytes(second)) !== undefined) return true;
  }
  for (const segment of openSegments(db)) {
    if (tails.has(segmentName(segment))) continue;
    if (((await footage.durableBytes(segment)) ?? 0) > segment.sizeBytes) return true;
  }
  return false;
}
