/** Export jobs as rows: what a restart takes up again. */
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { ExportState } from '../contract/export.ts';
import type { Database } from './database.ts';
import type { Query, Row } from './row.ts';

/** An export as it is stored. */
export interface StoredExport {
  readonly id: string;
  readonly userId: number;
  readonly cameraId: string;
  /** At the time it was asked for. */
  readonly cameraName: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly state: ExportState;
  readonly writtenBytes: number;
  /** 0 until planned. */
  readonly totalBytes: number;
  /** Undefined until planned; so are the two below. */
  readonly actualFromMs: EpochMs | undefined;
  readonly actualToMs: EpochMs | undefined;
  readonly gapCount: number | undefined;
  readonly failure: string | undefined;
  readonly createdMs: EpochMs;
  readonly finishedMs: EpochMs | undefined;
}

/** What is known when it is asked for. */
export type NewExportJob = Pick<
  StoredExport,
  'id' | 'userId' | 'cameraId' | 'cameraName' | 'fromMs' | 'toMs' | 'createdMs'
>;

/** What planning finds out. */
export type ExportPlanFacts = Pick<StoredExport, 'totalBytes'> & {
  readonly actualFromMs: EpochMs;
  readonly actualToMs: EpochMs;
  readonly gapCount: number;
};

/** A person's list shows so many; older ones are still there by id. */
const LIST_LIMIT = 100;

const COLUMNS = `
  id, user_id, camera_id, camera_name, from_ms, to_ms, state, written_bytes, total_bytes,
  actual_from_ms, actual_to_ms, gap_count, failure, created_ms, finished_ms`;
const INSERT = `
  INSERT INTO export (id, user_id, camera_id, camera_name, from_ms, to_ms, state, created_ms)
  VALUES (:id, :userId, :cameraId, :cameraName, :fromMs, :toMs, 'queued', :createdMs)`;
const BY_ID: Query<StoredExport> = {
  sql: `SELECT ${COLUMNS} FROM export WHERE id = :id`,
  read: readExport,
};
const OF_USER: Query<StoredExport> = {
  sql: `SELECT ${COLUMNS} FROM export WHERE user_id = :userId
        ORDER BY created_ms DESC LIMIT ${String(LIST_LIMIT)}`,
  read: readExport,
};
const NEXT: Query<StoredExport> = {
  sql: `SELECT ${COLUMNS} FROM export WHERE state = 'queued' ORDER BY created_ms LIMIT 1`,
  read: readExport,
};
const UNFINISHED: Query<number> = {
  sql: `SELECT count(*) AS count FROM export WHERE state IN ('queued', 'running')`,
  read: (row) => row.integer('count'),
};
const START = `UPDATE export SET state = 'running' WHERE id = :id AND state = 'queued'`;
const REQUEUE = `UPDATE export SET state = 'queued' WHERE state = 'running'`;
const PLAN = `
  UPDATE export SET total_bytes = :totalBytes, actual_from_ms = :actualFromMs,
    actual_to_ms = :actualToMs, gap_count = :gapCount
  WHERE id = :id AND state = 'running'`;
const PROGRESS = `
  UPDATE export SET written_bytes = :writtenBytes WHERE id = :id AND state = 'running'`;
const FINISH = `
  UPDATE export SET state = :state, failure = :failure, finished_ms = :finishedMs
  WHERE id = :id AND state IN ('queued', 'running')`;
const DELETE = 'DELETE FROM export WHERE id = :id';

/** Adds a job, queued. */
export function insertExport(db: Database, job: NewExportJob): void {
  db.run(INSERT, { ...job });
}

/** One job; undefined when there is none. */
export function exportById(db: Database, id: string): StoredExport | undefined {
  return db.get(BY_ID, { id });
}

/** A person's exports, newest first, at most 100. */
export function exportsOfUser(db: Database, userId: number): StoredExport[] {
  return db.all(OF_USER, { userId });
}

/** How many jobs are queued or running, of everybody. */
export function unfinishedExports(db: Database): number {
  return db.get(UNFINISHED) ?? 0;
}

/** Takes the oldest queued job and marks it running; undefined when there is none. */
export function startNextExport(db: Database): StoredExport | undefined {
  return db.transaction(() => {
    const next = db.get(NEXT);
    if (next === undefined) return undefined;
    db.run(START, { id: next.id });
    return { ...next, state: 'running' as const };
  });
}

/** start-up 7: what was running when the server stopped is queued again; answers how many. */
export function requeueExports(db: Database): number {
  return db.run(REQUEUE).changes;
}

/** Notes what the finished file will be. */
export function planExport(db: Database, id: string, facts: ExportPlanFacts): void {
  db.run(PLAN, { id, ...facts });
}

/** Notes how much of the file is durable. */
export function noteExportProgress(db: Database, id: string, writtenBytes: number): void {
  db.run(PROGRESS, { id, writtenBytes });
}

/** Ends a job; false when it had ended before. */
export function finishExport(
  db: Database,
  id: string,
  end: { state: 'done' | 'failed' | 'cancelled'; failure?: string; finishedMs: EpochMs },
): boolean {
  const { state, failure, finishedMs } = end;
  return db.run(FINISH, { id, state, failure: failure ?? null, finishedMs }).changes > 0;
}

/** Forgets a job. Its file is gone by then. */
export function deleteExport(db: Database, id: string): void {
  db.run(DELETE, { id });
}

function readExport(row: Row): StoredExport {
  return {
    id: row.text('id'),
    userId: row.integer('user_id'),
    cameraId: row.text('camera_id'),
    cameraName: row.text('camera_name'),
    fromMs: row.instant('from_ms'),
    toMs: row.instant('to_ms'),
    state: readState(row.text('state')),
    writtenBytes: row.integer('written_bytes'),
    totalBytes: row.integer('total_bytes'),
    actualFromMs: row.optionalInstant('actual_from_ms'),
    actualToMs: row.optionalInstant('actual_to_ms'),
    gapCount: row.optionalInteger('gap_count'),
    failure: row.optionalText('failure'),
    createdMs: row.instant('created_ms'),
    finishedMs: row.optionalInstant('finished_ms'),
  };
}

function readState(text: string): ExportState {
  switch (text) {
    case 'queued':
    case 'running':
    case 'done':
    case 'failed':
    case 'cancelled':
      return text;
    default:
      throw new AppError('internal', 'an export has an unknown state');
  }
}
