/**
 * Deletes what a removed camera left, in the background. The steps are those of
 * docs/design/storage.md, "Delete": files first, then their rows, so that a stop at any moment leaves
 * rows that the next round finds, and never a file that nobody knows.
 */
import type { Clock } from '../base/clock.ts';
import { supervise } from '../base/lifecycle.ts';
import { errorFields, type Log } from '../base/log.ts';
import { Wake } from '../base/wake.ts';
import { deleteRemovedCamera, removedCameraIds } from './cameras.ts';
import type { Database } from './database.ts';
import type { FootageInUse } from './footage-in-use.ts';
import type { FootageListing } from './footage-listing.ts';
import type { FootageStore } from './footage.ts';
import type { DayForgetter } from './forget-days.ts';
import { deleteProtectedRanges } from './protected-ranges.ts';
import { deleteSegment, segmentPage } from './segments.ts';

/** Between two steps the event loop belongs to others; 64 unlinks are about 3 ms. */
const STEP_SEGMENTS = 64;

/** A disk that refuses to delete is asked again after 1 s, then rarer, at most once a minute. */
const BACKOFF = { firstMs: 1_000, maxMs: 60_000, healthyAfterMs: 60_000 };

const DELETE_RUNS = `DELETE FROM run WHERE camera_id = :cameraId
  AND NOT EXISTS (SELECT 1 FROM segment WHERE segment.run_id = run.id)`;
const DELETE_GAPS = 'DELETE FROM gap WHERE camera_id = :cameraId';

/** What it works with. */
export interface ForgetterDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly listing: FootageListing;
  readonly inUse: FootageInUse;
  readonly days: DayForgetter;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** See the head of this file. */
export class Forgetter {
  readonly #deps: ForgetterDeps;
  readonly #wake = new Wake();

  constructor(deps: ForgetterDeps) {
    this.#deps = deps;
  }

  /** There is something to delete. Call it when the camera's recorder has ended. */
  wake(): void {
    this.#wake.wake();
  }

  /** Works until `signal` aborts; begins with what the last server did not finish. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#deps;
    await supervise({
      clock,
      random,
      policy: BACKOFF,
      signal,
      runOnce: (inner) => this.#work(inner),
      onEnd: (end) => {
        if (end !== undefined) log.warn(errorFields(end), 'footage could not be deleted yet');
      },
    });
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      for (const cameraId of removedCameraIds(this.#deps.db)) {
        await forgetCamera(this.#deps, cameraId, signal);
      }
      await this.#wake.wait(signal);
      if (signal.aborted) return;
    }
  }
}

async function forgetCamera(
  deps: Pick<ForgetterDeps, 'db' | 'footage' | 'listing' | 'inUse' | 'days' | 'log'>,
  cameraId: string,
  signal: AbortSignal,
): Promise<void> {
  const { db, footage, listing, inUse, days, log } = deps;
  for (;;) {
    await inUse.free(cameraId, signal);
    if (signal.aborted) return;
    const segments = segmentPage(db, { cameraId, afterMs: -Infinity, limit: STEP_SEGMENTS });
    if (segments.length === 0) break;
    // delete 1: the files, durably. delete 2: their rows, in one commit.
    await footage.deleteAll(segments);
    const forgotten = db.transaction(() => {
      for (const segment of segments) deleteSegment(db, segment.segmentId);
      return days.deleteKeys(segments);
    });
    days.finish(forgotten);
    // delete 3: folders that are empty now; one that is not yet stays.
    const runIds = new Set(segments.map((segment) => segment.runId));
    for (const runId of runIds) await footage.removeRunFolder(cameraId, runId);
  }
  await deleteUnlisted({ footage, listing }, cameraId, signal);
  await footage.removeCameraFolder(cameraId);
  // delete 4: what referred to the footage, and the camera itself. Protection is against rules, and
  // removing a camera is a person's decision: it ends here, and is not passed over in silence.
  const protectedRanges = db.transaction(() => {
    const ranges = deleteProtectedRanges(db, cameraId);
    db.run(DELETE_RUNS, { cameraId });
    db.run(DELETE_GAPS, { cameraId });
    deleteRemovedCamera(db, cameraId);
    return ranges;
  });
  log.info({ protectedRanges }, 'the footage of a removed camera is deleted, all of it');
}

/** delete 3, its second half: what a lost index knew nothing of. Nobody else has a use for files of this
 * camera. */
async function deleteUnlisted(
  { footage, listing }: Pick<ForgetterDeps, 'footage' | 'listing'>,
  cameraId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const runId of await listing.runs(cameraId)) {
    const left = await listing.segments(cameraId, runId);
    for (let at = 0; at < left.length; at += STEP_SEGMENTS) {
      signal.throwIfAborted();
      await footage.deleteAll(left.slice(at, at + STEP_SEGMENTS));
    }
    await footage.removeRunFolder(cameraId, runId);
  }
}
