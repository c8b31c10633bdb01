/** What `fsck --repair` does: the steps of a start, and files that never counted. Nothing of it can take
 * footage away; everything else is only listed. */
import type { Finding } from '../storage/check.ts';
import type { Database } from '../storage/database.ts';
import type { FootageStore } from '../storage/footage.ts';
import { isIndexPending, markIndexPending } from '../storage/index-state.ts';
import { recoverStorage } from '../storage/recovery.ts';
import { isFromBackup } from '../storage/restored-footage.ts';
import { anchorOf } from '../storage/runs.ts';
import { nextSequence, type SegmentPlace } from '../storage/segments.ts';

/** What was done. */
export interface Repairs {
  /** Rows that a crash left open. */
  readonly closedSegments: number;
  readonly deletedFiles: number;
}

interface Storage {
  readonly db: Database;
  readonly footage: FootageStore;
}

/** The caller holds the data folder's lock. */
export async function repairStorage(
  storage: Storage,
  findings: readonly Finding[],
): Promise<Repairs> {
  const { closedSegments, strayFiles } = await recoverStorage(storage);
  let deletedFiles = strayFiles;
  // It may be footage: the server reads it when somebody unlocks.
  if (findings.some(({ invariant }) => invariant === 'file-has-row')) markIndexPending(storage.db);
  const isPending = isIndexPending(storage.db);
  for (const { invariant, place } of isPending ? [] : findings) {
    if (invariant !== 'one-stray-file' || place === undefined) continue;
    if (!(await neverCounted(storage, place))) continue;
    await storage.footage.deleteAll([place]);
    await storage.footage.removeRunFolder(place.cameraId, place.runId);
    deletedFiles += 1;
  }
  return { closedSegments, deletedFiles };
}

/**
 * Whether it is what a stopped create leaves: a tail alone, or the one file behind the last row of a
 * run. Where more follows, the index is older than the footage, and the files may be all there is.
 */
async function neverCounted({ db, footage }: Storage, place: SegmentPlace): Promise<boolean> {
  const { runId, sequence } = place;
  if (isFromBackup(db, runId)) return false;
  if ((await footage.durableBytes(place)) === undefined) return true;
  if (anchorOf(db, runId) === undefined || sequence !== nextSequence(db, runId)) return false;
  return (await footage.durableBytes({ ...place, sequence: sequence + 1 })) === undefined;
}
