/** Runs: stretches of footage from one connection, anchored to the wall clock once. */
import type { EpochMs } from '../base/time.ts';
import type { GapReason } from '../contract/recording.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** What is stored of a run when it begins. */
export interface NewRun {
  readonly cameraId: string;
  /** Wall clock at media time zero. */
  readonly anchorMs: EpochMs;
  /** RFC 6381, comma separated, video first. */
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  /** Left out: the box's clock was trusted. */
  readonly uncertain?: UncertainAnchor | undefined;
}

/** Where the anchor of a run lies that was labelled by a clock nobody vouched for: enough to find its
 * true place once the true time of any later moment of that boot is known. */
export interface UncertainAnchor {
  readonly bootId: string;
  /** Uptime at media time zero. */
  readonly uptimeMs: number;
}

/** What a player needs to know of a run. */
export type RunHead = Pick<NewRun, 'anchorMs' | 'codecs'>;

/** A run that nobody ended: the server was killed while it went on. */
export interface UnfinishedRun {
  readonly runId: number;
  readonly cameraId: string;
}

const INSERT = `
  INSERT INTO run
    (camera_id, anchor_ms, codecs, width, height, uncertain, boot_id, anchor_uptime_ms)
  VALUES (:cameraId, :anchorMs, :codecs, :width, :height, :isUncertain, :bootId, :uptimeMs)`;
const INSERT_FOUND = `
  INSERT INTO run (id, camera_id, anchor_ms, codecs, width, height, end_reason)
  VALUES (:runId, :cameraId, :anchorMs, :codecs, :width, :height, :reason)
  ON CONFLICT (id) DO NOTHING`;
const HEAD: Query<RunHead> = {
  sql: 'SELECT anchor_ms, codecs FROM run WHERE id = :runId',
  read: (row) => ({ anchorMs: row.instant('anchor_ms'), codecs: row.text('codecs') }),
};
const ANCHOR: Query<EpochMs> = {
  sql: 'SELECT anchor_ms FROM run WHERE id = :runId',
  read: (row) => row.instant('anchor_ms'),
};
const NEWEST_SIZE: Query<{ width: number; height: number }> = {
  sql: `SELECT width, height FROM run WHERE camera_id = :cameraId
        ORDER BY anchor_ms DESC LIMIT 1`,
  read: (row) => ({ width: row.integer('width'), height: row.integer('height') }),
};
const END = 'UPDATE run SET end_reason = :reason WHERE id = :runId';
// A run of which nothing became durable says nothing to anybody.
const DELETE_EMPTY = `
  DELETE FROM run WHERE id = :runId
    AND NOT EXISTS (SELECT 1 FROM segment WHERE segment.run_id = run.id)`;
const DELETE_EMPTY_ENDED = `
  DELETE FROM run WHERE camera_id = :cameraId AND end_reason IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM segment WHERE segment.run_id = run.id)`;
const UNFINISHED: Query<UnfinishedRun> = {
  sql: 'SELECT id, camera_id FROM run WHERE end_reason IS NULL ORDER BY id',
  read: (row) => ({ runId: row.integer('id'), cameraId: row.text('camera_id') }),
};

/** Adds a run and answers with its id, which is never used again. */
export function insertRun(db: Database, run: NewRun): number {
  const { uncertain, ...known } = run;
  const boot = {
    isUncertain: uncertain === undefined ? 0 : 1,
    bootId: uncertain?.bootId ?? null,
    uptimeMs: uncertain === undefined ? null : Math.round(uncertain.uptimeMs),
  };
  return db.run(INSERT, { ...known, ...boot }).lastId;
}

/** Adds a run that was found on the disk and has ended, unless it is there. */
export function insertFoundRun(
  db: Database,
  run: Omit<NewRun, 'uncertain'> & { readonly runId: number },
  reason: GapReason,
): void {
  db.run(INSERT_FOUND, { ...run, reason });
}

/** What a player needs to know of a run; undefined when there is no such run. */
export function runHead(db: Database, runId: number): RunHead | undefined {
  return db.get(HEAD, { runId });
}

/** Wall clock at media time zero of a run; undefined when there is no such run. */
export function anchorOf(db: Database, runId: number): EpochMs | undefined {
  return db.get(ANCHOR, { runId });
}

/** Pixels of the newest picture that was recorded of a camera; undefined when there is none. */
export function newestPictureSize(
  db: Database,
  cameraId: string,
): { width: number; height: number } | undefined {
  return db.get(NEWEST_SIZE, { cameraId });
}

/** Says why a run ended; deletes it when it holds no footage. */
export function endRun(db: Database, runId: number, reason: GapReason): void {
  db.transaction(() => {
    db.run(END, { runId, reason });
    db.run(DELETE_EMPTY, { runId });
  });
}

/** Forgets the runs of a camera that have ended and whose footage is gone. */
export function deleteEmptyRuns(db: Database, cameraId: string): void {
  db.run(DELETE_EMPTY_ENDED, { cameraId });
}

/** What a crash left, oldest first. */
export function unfinishedRuns(db: Database): UnfinishedRun[] {
  return db.all(UNFINISHED);
}
