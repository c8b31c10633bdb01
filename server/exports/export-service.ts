/** Export jobs: asked for by a person, worked off one at a time, taken up again after a restart. */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { shortText } from '../base/short-text.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import { Wake } from '../base/wake.ts';
import type { Export } from '../contract/export.ts';
import { planExport, type ExportPlan } from '../fmp4/progressive.ts';
import { cameraById } from '../storage/cameras.ts';
import type { Database } from '../storage/database.ts';
import {
  deleteExport,
  exportById,
  exportsOfUser,
  finishExport,
  insertExport,
  noteExportProgress,
  planExport as notePlan,
  requeueExports,
  startNextExport,
  unfinishedExports,
  type StoredExport,
} from '../storage/export-jobs.ts';
import type { FootageInUse } from '../storage/footage-in-use.ts';
import type { FileKeys } from '../storage/file-keys.ts';
import type { FootageStore } from '../storage/footage.ts';
import type { ByteSpan } from '../storage/segment-stream.ts';
import { recordedRanges } from '../storage/recordings.ts';
import type { SegmentPlace } from '../storage/segments.ts';
import { exportAnswer, exportFileName } from './export-answer.ts';
import { ExportFiles } from './export-file.ts';
import { readExportSource } from './export-source.ts';

/** A day: its file is 32 GB at 3 Mbit/s, and planning it takes about 20 MB for each hour
 * (docs/design/exports.md), which the smallest box can just spare. */
export const EXPORT_MAX_MS = 24 * 3_600_000;

/** More than a person asks for at once; a script that asks for more is told to wait. */
export const EXPORT_MAX_UNFINISHED = 20;

/** What a camera's name leaves of a first line of 90 characters is enough for the sentence. */
const NAME_MAX_CHARS = 40;

/** What it works with. */
export interface ExportServiceDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly inUse: FootageInUse;
  /** Finished files are sealed with them. */
  readonly fileKeys: FileKeys;
  /** DATA/exports. */
  readonly exportsPath: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an export is made from; whether the person may is decided before. */
export interface ExportRequest {
  readonly userId: number;
  /** Id of the camera. */
  readonly camera: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

/** A finished file. */
export interface FinishedExport {
  readonly sizeBytes: number;
  /** For people, never a path. */
  readonly fileName: string;
  /** The whole file or an inclusive range of it; destroying the stream releases everything. */
  open(range: ByteSpan | undefined): Promise<Readable>;
}

interface RunningJob {
  readonly id: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** See the head of this file. A job of another user is `not-found`. */
export class ExportService {
  readonly #deps: ExportServiceDeps;
  readonly #files: ExportFiles;
  #running: RunningJob | undefined;
  readonly #wake = new Wake();
  /** What is queued needs keys that nobody has opened. */
  #waitsForUnlock = false;

  constructor(deps: ExportServiceDeps) {
    this.#deps = deps;
    this.#files = new ExportFiles(deps.exportsPath, deps.fileKeys);
  }

  /** Queues a job. Throws `not-found` (camera), `unprocessable` (range-empty, range-too-long,
   * nothing-recorded), `exhausted` (too-many-exports). */
  create(request: ExportRequest): Promise<Export> {
    return new Promise((resolve) => {
      resolve(exportAnswer(this.#insert(request)));
    });
  }

  /** A person's jobs, newest first, at most 100. */
  list(userId: number): readonly Export[] {
    return exportsOfUser(this.#deps.db, userId).map(exportAnswer);
  }

  /** One job. */
  get(id: string, userId: number): Export {
    return exportAnswer(this.#stored(id, userId));
  }

  /** Cancels an unfinished job; forgets a finished one and deletes its file. */
  async remove(id: string, userId: number): Promise<void> {
    const { db, clock } = this.#deps;
    this.#stored(id, userId);
    // The row first: whatever happens to the file, the job does not come back after a restart.
    const wasUnfinished = finishExport(db, id, { state: 'cancelled', finishedMs: clock.wallMs() });
    if (this.#running?.id === id) {
      this.#running.stop.abort(cancelled());
      await this.#running.ended;
    }
    await this.#files.delete(id);
    if (!wasUnfinished) deleteExport(db, id);
  }

  /** The file of a job that is done; otherwise `conflict`, and `not-found` when it is gone. */
  async file(id: string, userId: number): Promise<FinishedExport> {
    const job = this.#stored(id, userId);
    if (job.state !== 'done') {
      throw new AppError('conflict', 'This export is not finished.', {
        reason: 'not-done',
        hint: 'Wait until its state is done; if it was cancelled or failed, ask for it again.',
      });
    }
    const sizeBytes = await this.#files.sizeOf(id);
    return {
      ...{ sizeBytes, fileName: exportFileName(job) },
      open: (range = { first: 0, last: sizeBytes - 1 }) => this.#files.read(id, range),
    };
  }

  /** Somebody has unlocked: what waited for that goes on. */
  onUnlocked(): void {
    this.#waitsForUnlock = false;
    this.#wake.wake();
  }

  /** The one worker; returns when `signal` aborts. What was running goes on with the next `run`. */
  async run(signal: AbortSignal): Promise<void> {
    const { db } = this.#deps;
    requeueExports(db);
    // A half file is of no use, because its key went with the process that wrote it.
    await this.#files.sweep((id, isPart) => {
      const state = exportById(db, id)?.state;
      return !isPart && (state === 'done' || state === 'queued');
    });
    while (!signal.aborted) {
      const job = this.#waitsForUnlock ? undefined : startNextExport(db);
      if (job === undefined) {
        await this.#wake.wait(signal);
        continue;
      }
      const stop = new AbortController();
      const ended = this.#work(job, AbortSignal.any([signal, stop.signal]), signal);
      this.#running = { id: job.id, stop, ended };
      await ended;
      this.#running = undefined;
    }
  }

  #insert(request: ExportRequest): StoredExport {
    const { db, clock } = this.#deps;
    const { userId, camera: cameraId, fromMs, toMs } = request;
    const camera = cameraById(db, cameraId);
    if (camera === undefined) throw new AppError('not-found', 'There is no such camera.');
    checkRange(fromMs, toMs);
    const nowMs = clock.wallMs();
    if (recordedRanges(db, { cameraId, fromMs, toMs, nowMs }).ranges.length === 0) {
      throw nothingRecorded(camera.name);
    }
    if (unfinishedExports(db) >= EXPORT_MAX_UNFINISHED) {
      throw new AppError('exhausted', 'There are many exports waiting already.', {
        reason: 'too-many-exports',
        hint: 'Wait until some of them are finished, or cancel some.',
      });
    }
    const id = randomBytes(16).toString('hex');
    insertExport(db, {
      ...{ id, userId, cameraId, cameraName: camera.name, fromMs, toMs, createdMs: nowMs },
    });
    this.#wake.wake();
    return this.#stored(id, userId);
  }

  #stored(id: string, userId: number): StoredExport {
    const job = exportById(this.#deps.db, id);
    if (job?.userId !== userId) throw new AppError('not-found', 'There is no such export.');
    return job;
  }

  /** Ends the job's row in one way or the other, unless the server stops: then it stays as it is. */
  async #work(job: StoredExport, signal: AbortSignal, server: AbortSignal): Promise<void> {
    const { db, clock, inUse, log } = this.#deps;
    const release = inUse.hold(job.cameraId);
    try {
      await this.#export(job, signal);
      finishExport(db, job.id, { state: 'done', finishedMs: clock.wallMs() });
    } catch (thrown) {
      // Cancelled by hand: `remove` has written the row and deletes the file. Stopped with the
      // server: the next one goes on.
      if (signal.aborted || server.aborted) return;
      const error = toAppError(thrown);
      if (error.kind === 'locked') {
        this.#waitsForUnlock = true;
        requeueExports(db);
        return;
      }
      log.warn({ ...errorFields(error), exportId: job.id }, 'an export did not work');
      const failure = sentenceOf(error);
      finishExport(db, job.id, { state: 'failed', failure, finishedMs: clock.wallMs() });
      await this.#files.delete(job.id).catch((deleting: unknown) => {
        // The next start sweeps it away.
        log.warn({ ...errorFields(deleting), exportId: job.id }, 'its file could not be deleted');
      });
    } finally {
      release();
    }
  }

  async #export(job: StoredExport, signal: AbortSignal): Promise<void> {
    const { db, footage, clock } = this.#deps;
    const { plan, files } = await this.#plan(job, signal);
    noteExportProgress(db, job.id, 0);
    await this.#files.write({
      ...{ id: job.id, plan, files, footage, clock, signal },
      onProgress: (writtenBytes) => {
        noteExportProgress(db, job.id, writtenBytes);
      },
    });
    noteExportProgress(db, job.id, plan.totalBytes);
  }

  /** A function of its own, so that the sample tables are free while the bytes are copied. */
  async #plan(
    job: StoredExport,
    signal: AbortSignal,
  ): Promise<{ plan: ExportPlan; files: SegmentPlace[] }> {
    const { db, footage } = this.#deps;
    const { cameraId, fromMs, toMs } = job;
    if (cameraById(db, cameraId) === undefined) {
      throw new AppError('unprocessable', 'The camera was removed, and its footage with it.');
    }
    const source = await readExportSource({ db, footage }, { cameraId, fromMs, toMs }, signal);
    const plan = planExport(source.runs, { fromMs, toMs });
    const actualFromMs = epochMs(Math.round(plan.fromMs));
    const actualToMs = epochMs(Math.round(plan.toMs));
    const inside = { cameraId, fromMs: actualFromMs, toMs: actualToMs, nowMs: actualToMs };
    const interruptions = recordedRanges(db, inside).ranges.length - 1;
    notePlan(db, job.id, {
      ...{ totalBytes: plan.totalBytes, actualFromMs, actualToMs },
      gapCount: Math.max(0, interruptions) + source.unreadable,
    });
    const files = source.files.map(({ runId, sequence }) => ({ cameraId, runId, sequence }));
    return { plan, files };
  }
}

function checkRange(fromMs: EpochMs, toMs: EpochMs): void {
  if (toMs <= fromMs) {
    throw new AppError('unprocessable', 'The end of the export lies before its beginning.', {
      reason: 'range-empty',
      hint: 'Choose an end that is later than the beginning.',
    });
  }
  if (toMs - fromMs > EXPORT_MAX_MS) {
    throw new AppError('unprocessable', 'One export can be at most 24 hours long.', {
      reason: 'range-too-long',
      hint: 'Ask for several exports, one after the other.',
    });
  }
}

function nothingRecorded(cameraName: string): AppError {
  const name = shortText(cameraName, NAME_MAX_CHARS);
  return new AppError('unprocessable', `Nothing was recorded by ${name} in this time.`, {
    reason: 'nothing-recorded',
    hint: 'Choose a time in which the timeline shows footage.',
  });
}

/** What a person reads; a defect of ours is not explained to them, but logged. */
function sentenceOf(error: AppError): string {
  if (error.kind === 'internal') {
    return 'Something went wrong inside Doorkeep. Ask for the export again.';
  }
  const sentence = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}`;
  const ended = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
  return error.hint === undefined ? ended : `${ended} ${error.hint}`;
}
