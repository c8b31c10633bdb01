/** The server dies at every single step of making the index anew; docs/design/storage.md, "Rebuild",
 * "Quarantine". */
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { silentLog } from '../../server/base/log.ts';
import { epochMs, monotonicMs } from '../../server/base/time.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import { checkStorage } from '../../server/storage/check.ts';
import { FootageListing } from '../../server/storage/footage-listing.ts';
import { segmentPath } from '../../server/storage/footage-names.ts';
import { openDatabase } from '../../server/storage/open-database.ts';
import { Quarantine } from '../../server/storage/quarantine.ts';
import { noProgress, rebuildIndex } from '../../server/storage/index-rebuilder.ts';
import { recordedRanges } from '../../server/storage/recordings.ts';
import { recoverStorage } from '../../server/storage/recovery.ts';
import { SpareKeeper } from '../../server/storage/spare.ts';
import { FaultyFileSystem, type Fault } from '../doubles/faulty-file-system.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { h264Track } from '../fixtures/fmp4-samples.ts';
import { madeFrames, messagesOf } from '../fixtures/made-media.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';

vi.setConfig({ testTimeout: 120_000 });

const T0 = Date.UTC(2026, 0, 1, 12);

/** A finished run, a damaged one and a torn one; then the database is lost, and the server that makes
 * it anew dies at call `at`. Answers what the next one makes of it. */
async function dieAt(at: number, fault: Fault) {
  // Of a recorder that is left behind, somebody has to close the files.
  const recorded = new FaultyFileSystem(Infinity, fault);
  const storage = await openTestStorage(recorded);
  const system = new FaultyFileSystem(at, fault);
  const clock = new TestClock(T0);
  const never = new AbortController().signal;
  try {
    for (const [run, isTorn] of [false, false, true].entries()) {
      const { db, footage } = storage;
      const deps = { cameraId: CAMERA_ID, db, footage, clock, log: silentLog };
      const recorder = new Recorder({ ...deps, random: () => 0.5 });
      const anchorMs = epochMs(T0 + run * 10_000);
      const frames = madeFrames({ lengthMs: 4_000, gopMs: 1_000, frameMs: 500 });
      const media = {
        video: h264Track(),
        audio: undefined,
        anchorMs,
        anchorMonotonicMs: monotonicMs(0),
      };
      const messages = async function* () {
        yield* messagesOf(media, frames, isTorn ? undefined : 'stalled');
        if (isTorn) await new Promise(() => undefined);
      };
      const running = recorder.run(messages(), never);
      if (!isTorn) await running;
      else await expect.poll(() => recorder.stats.durableToMs).toBe(anchorMs + 3_000);
    }
    const { folder } = storage;
    const path = join(folder.keysPath, 'spare.json');
    await new SpareKeeper({ db: storage.db, path, clock, log: silentLog }).write();
    truncateSync(
      segmentPath(folder.footagePath, { cameraId: CAMERA_ID, runId: 2, sequence: 0 }),
      2_000,
    );
    storage.db.close();
    for (const end of ['', '-wal', '-shm']) rmSync(`${folder.databasePath}${end}`, { force: true });
    const start = async (own?: FaultyFileSystem) => {
      const footage = storage.footageOn(own);
      const parts = { paths: folder, log: silentLog, nowMs: clock.wallMs(), boxId: undefined };
      const db = await openDatabase(parts);
      await recoverStorage({ db, footage });
      const listing = new FootageListing(folder);
      const quarantine = new Quarantine({ ...folder, ...(own !== undefined && { system: own }) });
      const deps = { db, footage, listing, quarantine, log: silentLog };
      const rebuilt = rebuildIndex(deps, noProgress(false), never);
      return { ...deps, rebuilt };
    };
    const first = await start(system);
    await Promise.race([first.rebuilt, system.happened]);
    first.db.close();
    const next = await start();
    await next.rebuilt;
    const { db, footage, listing, quarantine } = next;
    const found = recordedRanges(db, {
      ...{ cameraId: CAMERA_ID, fromMs: epochMs(T0), toMs: epochMs(T0 + 100_000) },
      nowMs: epochMs(T0 + 100_000),
    });
    const left = {
      findings: await checkStorage({ db, footage, listing }),
      ranges: found.ranges.map(({ fromMs, toMs }) => [fromMs - T0, toMs - T0]),
      quarantined: (await quarantine.list()).map(({ runId }) => runId),
      unfinished: await footage.unfinished(),
    };
    db.close();
    return { left, calls: system.calls };
  } finally {
    await system.closeLeftOpen();
    await recorded.closeLeftOpen();
    storage.remove();
  }
}

it.each(['death', 'death-before'] as const)('at every step (%s)', async (kind) => {
  const whole = await dieAt(Infinity, { kind });
  expect(whole.left).toEqual({
    ...{ findings: [], quarantined: [2], unfinished: [] },
    ranges: [
      [0, 4_000],
      [20_000, 23_000],
    ],
  });
  expect(whole.calls).toBeGreaterThan(15);
  for (let call = 0; call < whole.calls; call += 1) {
    const { left } = await dieAt(call, { kind });
    expect([call, left]).toEqual([call, whole.left]);
  }
});
