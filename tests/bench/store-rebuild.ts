/** Making the index anew from the files, after the database was lost. */
import type { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { noProgress, rebuildIndex } from '../../server/storage/index-rebuilder.ts';
import { markIndexPending } from '../../server/storage/index-state.ts';
import type { TestStorage } from '../fixtures/test-storage.ts';
import { MILLION } from './million-rows.ts';
import { watchStalls } from './stalls.ts';

/** A part is 2 s. */
const PARTS = {
  sql: 'SELECT sum(duration_ms) / 2000 AS parts FROM segment',
  read: (row: { integer: (name: string) => number }) => row.integer('parts'),
};

/** Forgets the rows of all segments and makes them again; `storage` has them as before afterwards. The
 * file keys are opened in this process, where the server asks the key process. */
export async function rebuildAll(storage: TestStorage, clock: SystemClock): Promise<object> {
  const { db, fileKeys } = storage;
  db.transaction(() => {
    for (const table of ['segment', 'gap']) db.run(`DELETE FROM ${table}`);
    markIndexPending(db);
  });
  // Each file's key is opened anew, as after an unlock.
  fileKeys.forget();
  const progress = noProgress(false);
  const deps = { ...storage, log: silentLog };
  const stalls = await watchStalls(clock, () =>
    rebuildIndex(deps, progress, new AbortController().signal),
  );
  if (progress.indexed !== progress.filesTotal) throw new Error(JSON.stringify(progress));
  const parts = db.get(PARTS) ?? 0;
  const partsPerSecond = parts / (stalls.tookMs / 1_000);
  return {
    ...{ files: progress.indexed, parts, partsPerSecond },
    millionPartsMinutes: MILLION / partsPerSecond / 60,
    stalls,
  };
}
