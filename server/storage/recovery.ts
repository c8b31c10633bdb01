/**
 * Start-up: makes index and files agree after whatever ended the server. The steps are those of
 * docs/design/storage.md, "Start-up". It looks only at what rows say was unfinished, so it takes the
 * same time with a day of footage as with a year.
 */
import type { Database } from './database.ts';
import { requeueExports } from './export-jobs.ts';
import type { FootageStore } from './footage.ts';
import { insertGap, openGapOf } from './gaps.ts';
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
  const report = { closedSegments: 0, uncountedBytes: 0, damagedSegments: 0, strayFiles: 0 };
  for (const segment of openSegments(db)) {
    const { uncountedBytes, damaged } = await closeLeftOpen(db, footage, segment);
    report.closedSegments += 1;
    report.uncountedBytes += uncountedBytes;
    report.damagedSegments += damaged ? 1 : 0;
  }
  const reason = db.stoppedCleanly ? 'server-stopped' : 'server-crashed';
  const runs = unfinishedRuns(db);
  for (const run of runs) {
    if (!isFromBackup(db, run.runId) && (await removeStray(db, footage, run))) {
      report.strayFiles += 1;
    }
    endRun(db, run.runId, reason);
  }
  let openedGaps = 0;
  for (const cameraId of new Set(runs.map((run) => run.cameraId))) {
    const fromMs = lastRecordedMs(db, cameraId);
    if (fromMs === undefined || openGapOf(db, cameraId) !== undefined) continue;
    insertGap(db, { cameraId, fromMs, toMs: undefined, reason });
    openedGaps += 1;
  }
  return { ...report, openedGaps, requeuedExports: requeueExports(db) };
}

/** start-up 1 and 2: the row counts what is there, and is closed. The file gets its last chunk when
 * somebody unlocks (finish-segments.ts). */
async function closeLeftOpen(
  db: Database,
  footage: FootageStore,
  segment: StoredSegment,
): Promise<{ uncountedBytes: number; damaged: boolean }> {
  const parts = partsOf(db, segment);
  if (isFromBackup(db, segment.runId)) {
    // Its rows were true of the box that made them, and the file may come later than the database.
    if (parts.length === 0) deleteSegment(db, segment.segmentId);
    else closeSegment(db, segment.segmentId, parts);
    return { uncountedBytes: 0, damaged: false };
  }
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

/** start-up 3: at most one file of a run lies there without a row, and its name is known. */
async function removeStray(
  db: Database,
  footage: FootageStore,
  run: UnfinishedRun,
): Promise<boolean> {
  const { cameraId, runId } = run;
  const wasThere = await footage.delete({ cameraId, runId, sequence: nextSequence(db, runId) });
  await footage.removeRunFolder(cameraId, runId);
  return wasThere;
}
