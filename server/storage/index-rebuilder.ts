/**
 * Makes the index anew from the files, as soon as somebody has unlocked: what a lost database knew of
 * footage stands in the segments themselves. Steps: docs/design/storage.md, "Rebuild".
 */
import { AppError, toAppError } from '../base/errors.ts';
import { letOthersRun } from '../base/let-others-run.ts';
import { errorFields, type Log } from '../base/log.ts';
import { epochMs } from '../base/time.ts';
import { AtUnlock } from './at-unlock.ts';
import { cameraById, listCameras } from './cameras.ts';
import type { Database } from './database.ts';
import type { FootageListing } from './footage-listing.ts';
import type { FootageStore } from './footage.ts';
import { carveGaps, fillGaps, SHORTEST_GAP_MS } from './gaps.ts';
import { isIndexPending, markIndexComplete } from './index-state.ts';
import type { Quarantine } from './quarantine.ts';
import { insertFoundRun, unfinishedRuns } from './runs.ts';
import { checkLabel } from './segment-label.ts';
import { type SegmentSurvey, surveySegment } from './segment-survey.ts';
import {
  insertFoundSegment,
  segmentPage,
  segmentsBetween,
  sequencesOf,
  type SegmentPlace,
} from './segments.ts';

/** What it works with. */
export interface RebuildDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly listing: FootageListing;
  readonly quarantine: Quarantine;
  readonly log: Log;
  /** All of it is known again. */
  readonly onRebuilt?: () => void;
}

/** How far it is. */
export interface RebuildProgress {
  /** Every file in the footage folder has its row. */
  complete: boolean;
  /** Looked at since the last unlock; 0 of 0 while nobody has unlocked. */
  filesDone: number;
  filesTotal: number;
  /** Footage was found and has a row now. */
  indexed: number;
  damaged: number;
  /** The household's keys do not open their headers; they stay where they are. */
  unopened: number;
}

/** Rows that are looked at between two turns of the event loop. */
const PAGE_ROWS = 500;

/** A file that is not longer has a header, or the beginning of one, and nothing behind it. */
const EMPTY_BYTES = 256;

/** How often the log hears of it. */
const LOG_EVERY_FILES = 1_000;

/** See the head of this file. */
export class IndexRebuilder extends AtUnlock {
  readonly progress: RebuildProgress;

  constructor(deps: RebuildDeps) {
    const { log } = deps;
    const progress = noProgress(!isIndexPending(deps.db));
    super({
      ...{ log, waits: 'the index waits for the next unlock' },
      work: async (signal) => {
        if (await rebuildIndex(deps, progress, signal)) {
          log.info({ ...progress }, 'the index was made anew from the files');
          deps.onRebuilt?.();
        }
      },
    });
    this.progress = progress;
  }
}

/** What nobody has begun. */
export function noProgress(complete: boolean): RebuildProgress {
  return { complete, filesDone: 0, filesTotal: 0, indexed: 0, damaged: 0, unopened: 0 };
}

/** Looks at every file without a row; false where all had one before. Can be cut off at any moment and
 * begun again. Throws `locked` when somebody locks meanwhile, and `io`. */
export async function rebuildIndex(
  deps: RebuildDeps,
  progress: RebuildProgress,
  signal: AbortSignal,
): Promise<boolean> {
  const { db, listing } = deps;
  if (!isIndexPending(db)) return false;
  // rebuild 1: which files there are.
  const runs = await runFolders(deps);
  Object.assign(progress, noProgress(false));
  for (const { cameraId, runId } of runs) {
    progress.filesTotal += (await listing.segments(cameraId, runId)).length;
  }
  // By the age of the runs, so that the oldest footage, which goes first, is known first.
  for (const { cameraId, runId } of runs.sort((a, b) => a.runId - b.runId)) {
    const known = sequencesOf(db, cameraId, runId);
    for (const place of await listing.segments(cameraId, runId)) {
      signal.throwIfAborted();
      if (!known.has(place.sequence)) count(progress, await indexFile(deps, place));
      progress.filesDone += 1;
      if (progress.filesDone % LOG_EVERY_FILES === 0) {
        deps.log.info({ ...progress }, 'the index is being made anew');
      }
    }
  }
  for (const { id } of listCameras(db)) await explainGaps(db, id, signal);
  // rebuild 5.
  markIndexComplete(db);
  progress.complete = true;
  return true;
}

type Outcome = 'indexed' | 'damaged' | 'unopened' | 'nothing';

function count(progress: RebuildProgress, outcome: Outcome): void {
  if (outcome !== 'nothing') progress[outcome] += 1;
}

/** Of cameras that are there; a removed one's are deleted by name. */
async function runFolders({ db, listing }: RebuildDeps) {
  const folders: { cameraId: string; runId: number }[] = [];
  for (const { id } of listCameras(db)) {
    for (const runId of await listing.runs(id)) folders.push({ cameraId: id, runId });
  }
  return folders;
}

async function indexFile(deps: RebuildDeps, place: SegmentPlace): Promise<Outcome> {
  const { db, footage, log } = deps;
  if (isBeingWritten(deps, place)) return 'nothing';
  const sizeBytes = await footage.durableBytes(place);
  if (sizeBytes === undefined) return 'nothing';
  if (sizeBytes === 0 && (await footage.fileBytes(place)) < EMPTY_BYTES) {
    // A create that got no further: there is no footage in it.
    await footage.delete(place);
    return 'nothing';
  }
  try {
    const survey = await surveyFile(deps, place, sizeBytes);
    if (!store(db, place, survey)) throw overlaps();
    return 'indexed';
  } catch (thrown) {
    const error = toAppError(thrown);
    // Removed, or deleted with its camera, meanwhile.
    if (error.kind === 'not-found') return 'nothing';
    if (error.kind !== 'corrupt' && error.kind !== 'unprocessable') throw error;
    if (error.reason === 'header-no-key') return 'unopened';
    log.warn({ ...place, ...errorFields(error) }, 'a damaged segment goes to the quarantine');
    await deps.quarantine.take(db, place);
    return 'damaged';
  }
}

/** rebuild 2: what it says of itself; a torn one gets its end. */
async function surveyFile(
  { footage }: RebuildDeps,
  place: SegmentPlace,
  sizeBytes: number,
): Promise<SegmentSurvey> {
  const reader = await footage.open(place);
  let survey: SegmentSurvey;
  let isFinished: boolean;
  try {
    const read = (target: Buffer, at: number): Promise<void> => reader.read(target, at);
    survey = await surveySegment({ sizeBytes, read });
    checkLabel(survey.label, place);
    isFinished = await reader.endsWith(sizeBytes);
  } finally {
    await reader.close();
  }
  if (survey.parts[0]?.key !== true) throw unusable('it does not begin with a whole picture');
  const isWhole = isFinished && survey.endBytes === sizeBytes;
  const isTorn = (await footage.withTail()).some((other) => isSame(other, place));
  if (!isTorn && !isWhole) throw unusable('its end is missing');
  if (isTorn) await footage.reseal(place, survey.endBytes);
  return survey;
}

/** rebuild 3: its row, in one commit with its run and the gaps that it ends. False where other footage of
 * the camera has that time. */
function store(db: Database, place: SegmentPlace, { label, run, parts }: SegmentSurvey): boolean {
  const last = parts.at(-1);
  if (last === undefined) return false;
  const { cameraId, runId } = place;
  const fromMs = label.startMs;
  const toMs = epochMs(fromMs + last.startMs + last.durationMs);
  return db.transaction(() => {
    if (cameraById(db, cameraId) === undefined) return true;
    if (segmentsBetween(db, { cameraId, fromMs, toMs }).length > 0) return false;
    insertFoundRun(db, { ...run, runId }, 'index-lost');
    carveGaps(db, { cameraId, fromMs, toMs });
    insertFoundSegment(db, { ...place, startMs: fromMs }, parts);
    return true;
  });
}

/** rebuild 4: between two segments there is a gap, or no time that anybody would miss. */
async function explainGaps(db: Database, cameraId: string, signal: AbortSignal): Promise<void> {
  let endMs: number | undefined;
  let afterMs = -Infinity;
  for (;;) {
    const page = segmentPage(db, { cameraId, afterMs, limit: PAGE_ROWS });
    if (page.length === 0) return;
    db.transaction(() => {
      for (const { startMs, durationMs } of page) {
        if (endMs !== undefined && startMs - endMs >= SHORTEST_GAP_MS) {
          fillGaps(db, { cameraId, fromMs: epochMs(endMs), toMs: startMs }, 'index-lost');
        }
        endMs = startMs + durationMs;
      }
    });
    afterMs = page.at(-1)?.startMs ?? Infinity;
    await letOthersRun();
    signal.throwIfAborted();
  }
}

/** The next segment of a run that goes on has files before it has a row. */
function isBeingWritten({ db, footage }: RebuildDeps, place: SegmentPlace): boolean {
  return footage.isWriting(place) || unfinishedRuns(db).some(({ runId }) => runId === place.runId);
}

function isSame(a: SegmentPlace, b: SegmentPlace): boolean {
  return a.cameraId === b.cameraId && a.runId === b.runId && a.sequence === b.sequence;
}

function overlaps(): AppError {
  return unusable('other footage of the camera has its time');
}

function unusable(what: string): AppError {
  return new AppError('corrupt', `a footage file cannot be used: ${what}`, {
    reason: 'segment-unusable',
  });
}
