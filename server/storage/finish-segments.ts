/**
 * What a crash left unfinished gets its end, as soon as somebody has unlocked: until then the keys of
 * those files are with nobody. Steps: docs/design/storage.md, "Finish".
 */
import { toAppError } from '../base/errors.ts';
import type { Database } from './database.ts';
import type { FootageStore } from './footage.ts';
import { segmentAt, type SegmentPlace } from './segments.ts';

/** What was done. */
export interface FinishReport {
  readonly finished: number;
  /** Files without a row, deleted: nothing of them ever counted. */
  readonly strays: number;
  /** Files that do not hold what their rows count; they stay as they are. */
  readonly damaged: readonly SegmentPlace[];
}

/** Finishes all that can be. Throws `locked` when somebody locks meanwhile, and `io`. */
export async function finishSegments(
  { db, footage }: { readonly db: Database; readonly footage: FootageStore },
  signal: AbortSignal,
): Promise<FinishReport> {
  let [finished, strays] = [0, 0];
  const damaged: SegmentPlace[] = [];
  for (const place of await footage.unfinished()) {
    signal.throwIfAborted();
    const segment = segmentAt(db, place);
    if (segment === undefined) {
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
      if (error.kind !== 'corrupt') throw error;
      damaged.push(place);
    }
  }
  return { finished, strays, damaged };
}
