/**
 * What a crash left unfinished gets its end, as soon as somebody has unlocked: until then the keys of
 * those files are with nobody. Steps: docs/design/storage.md, "Finish".
 */
import { toAppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { AtUnlock } from './at-unlock.ts';
import type { Database } from './database.ts';
import type { FootageStore } from './footage.ts';
import { isIndexPending } from './index-state.ts';
import type { Quarantine } from './quarantine.ts';
import { isFromBackup } from './restored-footage.ts';
import { unfinishedRuns } from './runs.ts';
import { segmentAt, type SegmentPlace } from './segments.ts';

/** What it works with. */
export interface FinishDeps {
  readonly db: Database;
  readonly footage: FootageStore;
  readonly quarantine: Quarantine;
}

/** Finishes segments at each unlock. */
export function segmentFinisher({ log, ...deps }: FinishDeps & { readonly log: Log }): AtUnlock {
  return new AtUnlock({
    ...{ log, waits: 'unfinished segments wait for the next unlock' },
    work: async (signal) => {
      const { finished, strays, damaged } = await finishSegments(deps, signal);
      if (finished + strays > 0)
        log.info({ finished, strays }, 'unfinished segments have their end');
      for (const place of damaged) {
        log.warn({ ...place }, 'a segment lacks what its row counts: it is in the quarantine');
      }
    },
  });
}

/** What was done. */
export interface FinishReport {
  readonly finished: number;
  /** Files of ended runs without a row, deleted: nothing of them ever counted. */
  readonly strays: number;
  /** Files that do not hold what their rows count, or are gone; what there is lies in the quarantine. */
  readonly damaged: readonly SegmentPlace[];
}

/** Finishes all that can be. Throws `locked` when somebody locks meanwhile, and `io`. */
export async function finishSegments(
  { db, footage, quarantine }: FinishDeps,
  signal: AbortSignal,
): Promise<FinishReport> {
  let [finished, strays] = [0, 0];
  const damaged: SegmentPlace[] = [];
  for (const place of await footage.unfinished()) {
    signal.throwIfAborted();
    // The file may hold more than the row of an older index: nothing of it is cut off or deleted.
    if (isFromBackup(db, place.runId)) continue;
    const segment = segmentAt(db, place);
    if (segment === undefined) {
      // It may be footage that the index does not know yet (index-rebuilder.ts).
      if (isIndexPending(db)) continue;
      // A run that goes on makes its next segment in the place of one that never counted.
      if (unfinishedRuns(db).some(({ runId }) => runId === place.runId)) continue;
      await footage.delete(place);
      strays += 1;
      continue;
    }
    // A row that could not be closed: the next create of its camera does that, or start-up.
    if (segment.partTable === undefined) continue;
    try {
      await footage.finish(place, segment.sizeBytes);
      finished += 1;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.kind !== 'corrupt' && error.kind !== 'not-found') throw error;
      // It may be the key that is missing, and not the file that is damaged.
      if (error.reason === 'header-no-key') continue;
      await quarantine.take(db, place);
      damaged.push(place);
    }
  }
  return { finished, strays, damaged };
}
