import { existsSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { repairStorage } from '../../../server/cli/repair.ts';
import { checkStorage } from '../../../server/storage/check.ts';
import { Database } from '../../../server/storage/database.ts';
import { insertExport, startNextExport, exportById } from '../../../server/storage/export-jobs.ts';
import { realFileSystem } from '../../../server/storage/footage-files.ts';
import { openGapOf } from '../../../server/storage/gaps.ts';
import { finishSegments } from '../../../server/storage/finish-segments.ts';
import { markIndexComplete } from '../../../server/storage/index-state.ts';
import { recoverStorage } from '../../../server/storage/recovery.ts';
import { markRestored } from '../../../server/storage/restored-footage.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import {
  addPart,
  insertSegment,
  segmentAt,
  segmentPage,
} from '../../../server/storage/segments.ts';
import { insertUser } from '../../../server/storage/users.ts';
import { filesBelow } from '../../fixtures/footage-tree.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1);

let storage: TestStorage;
let runId: number;

beforeEach(async () => {
  storage = await openTestStorage();
  runId = insertRun(storage.db, {
    cameraId: CAMERA_ID,
    anchorMs: epochMs(T0),
    codecs: 'avc1',
    width: 1,
    height: 1,
  });
});

afterEach(() => {
  storage.remove();
});

/** An open segment whose index counts 100 + 3 × 50 bytes in 3 s, and a file of those. */
async function leaveOpen(uncountedBytes = 0): Promise<string> {
  const place = { cameraId: CAMERA_ID, runId, sequence: 0 };
  const writer = await storage.footage.create(place);
  await writer.append([labelledInit(place, 100), Buffer.alloc(100, 7)]);
  await writer.append([Buffer.alloc(50, 7)]);
  const part = (i: number) => ({
    offsetBytes: 100 + i * 50,
    sizeBytes: 50,
    startMs: i * 1_000,
    durationMs: 1_000,
    key: i === 0,
  });
  const id = insertSegment(storage.db, { ...place, startMs: epochMs(T0) }, part(0));
  addPart(storage.db, id, part(1));
  addPart(storage.db, id, part(2));
  if (uncountedBytes > 0) await writer.append([Buffer.alloc(uncountedBytes)]);
  return join(storage.folder.footagePath, CAMERA_ID, String(runId), '000000.age');
}

function tailPath(): string {
  return join(storage.folder.tailsPath, `${CAMERA_ID}-${String(runId)}-0.tail`);
}

const nothing = {
  closedSegments: 0,
  uncountedBytes: 0,
  damagedSegments: 0,
  strayFiles: 0,
  openedGaps: 0,
  requeuedExports: 0,
};

describe('start-up', () => {
  it('counts what is there, closes the segment and says why nothing follows', async () => {
    await leaveOpen(33);
    expect(await recoverStorage(storage)).toEqual({
      ...nothing,
      closedSegments: 1,
      uncountedBytes: 33,
      openedGaps: 1,
    });
    expect(openGapOf(storage.db, CAMERA_ID)).toEqual({
      cameraId: CAMERA_ID,
      fromMs: T0 + 3_000,
      toMs: undefined,
      reason: 'server-stopped',
    });
    expect(await checkStorage(storage)).toEqual([]);
    expect(await recoverStorage(storage)).toEqual(nothing);
  });

  it('says that the server crashed when it did not stop in order', async () => {
    await leaveOpen();
    const db = Database.open(storage.folder.databasePath);
    await recoverStorage({ db, footage: storage.footage });
    expect(openGapOf(db, CAMERA_ID)?.reason).toBe('server-crashed');
    db.close();
  });

  it('keeps the whole parts of a segment that the disk made shorter', async () => {
    await leaveOpen();
    truncateSync(tailPath(), 260);
    expect(await recoverStorage(storage)).toMatchObject({ damagedSegments: 1, closedSegments: 1 });
    const [segment] = segmentPage(storage.db, { cameraId: CAMERA_ID, afterMs: 0, limit: 9 });
    expect(segment).toMatchObject({ durationMs: 2_000, sizeBytes: 200 });
    expect(await checkStorage(storage)).toEqual([]);
  });

  it('forgets a segment of which nothing is left', async () => {
    const path = await leaveOpen();
    truncateSync(tailPath(), 120);
    expect(await recoverStorage(storage)).toMatchObject({ damagedSegments: 1, openedGaps: 0 });
    expect(segmentPage(storage.db, { cameraId: CAMERA_ID, afterMs: 0, limit: 9 })).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('deletes the one file of a run that can lie there without a row', async () => {
    await leaveOpen();
    const stray = await storage.footage.create({ cameraId: CAMERA_ID, runId, sequence: 1 });
    await stray.append([Buffer.from('never counted')]);
    expect(await recoverStorage(storage)).toMatchObject({ strayFiles: 1 });
    const place = { cameraId: CAMERA_ID, runId, sequence: 1 };
    expect(await storage.footage.durableBytes(place)).toBeUndefined();
  });

  it('queues exports again that were running', async () => {
    const { db } = storage;
    const userId = insertUser(db, {
      username: 'Ada',
      role: 'owner',
      passwordHash: 'x',
      createdMs: epochMs(1),
    });
    const id = 'ab'.repeat(16);
    insertExport(db, {
      ...{ id, userId, cameraId: CAMERA_ID, cameraName: 'Door' },
      ...{ fromMs: epochMs(1), toMs: epochMs(2), createdMs: epochMs(3) },
    });
    expect(startNextExport(db)?.state).toBe('running');
    expect(startNextExport(db)).toBeUndefined();
    expect(await recoverStorage(storage)).toMatchObject({ requeuedExports: 1 });
    expect(exportById(db, id)?.state).toBe('queued');
  });
});

describe('the check', () => {
  it('names each invariant that does not hold', async () => {
    const path = await leaveOpen();
    await recoverStorage(storage);
    truncateSync(path, 10);
    const { db } = storage;
    db.run(`UPDATE gap SET from_ms = from_ms - 500`);
    db.run(`INSERT INTO segment (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes,
      parts, state) SELECT camera_id, run_id, 5, start_ms + 100, 99000, 999, parts, state
      FROM segment`);
    const stray = await storage.footage.create({ cameraId: CAMERA_ID, runId, sequence: 6 });
    await stray.close(0);
    const found = (await checkStorage(storage)).map((finding) => finding.invariant);
    expect(new Set(found)).toEqual(
      new Set([
        'row-has-bytes',
        'times-ascend',
        'parts-contiguous',
        'segment-length',
        'gap-without-footage',
        'one-stray-file',
      ]),
    );
  });
});

describe('an index that is older than the footage', () => {
  /** As a restore leaves it: the run and its open segment are from before. */
  let restored: Pick<TestStorage, 'db' | 'footage' | 'quarantine' | 'listing'>;

  beforeEach(async () => {
    await leaveOpen(500);
    const next = await storage.footage.create({ cameraId: CAMERA_ID, runId, sequence: 1 });
    await next.append([Buffer.alloc(100)]);
    markRestored(storage.db, 0);
    // Of the next server: what the last one was writing is with nobody.
    restored = {
      ...{ db: storage.db, quarantine: storage.quarantine, listing: storage.listing },
      footage: storage.footageOn(realFileSystem),
    };
  });

  const files = (): string[] =>
    [storage.folder.footagePath, storage.folder.tailsPath].flatMap(filesBelow).sort();

  it('takes nothing away at a start, at an unlock and at a repair', async () => {
    const before = files().map((path) => [path, statSync(path).size]);
    const findings = await checkStorage(restored);
    expect(await recoverStorage(restored)).toMatchObject({ strayFiles: 0, damagedSegments: 0 });
    await finishSegments(restored, new AbortController().signal);
    await repairStorage(restored, findings);
    expect(files().map((path) => [path, statSync(path).size])).toEqual(before);
    // The file is here: the rebuilding of the index says better what is in it.
    expect(segmentAt(storage.db, { cameraId: CAMERA_ID, runId, sequence: 0 })).toBeUndefined();
  });

  it('keeps a row whose file comes later', async () => {
    rmSync(join(storage.folder.footagePath, CAMERA_ID), { recursive: true });
    await recoverStorage(restored);
    const place = { cameraId: CAMERA_ID, runId, sequence: 0 };
    expect(segmentAt(storage.db, place)).toMatchObject({ sizeBytes: 250 });
  });

  it('treats runs of its own as ever when the index was made again, and no earlier ones', async () => {
    const anchorMs = epochMs(T0 + 60_000);
    const run = { cameraId: CAMERA_ID, anchorMs, codecs: 'avc1', width: 1, height: 1 };
    const own = insertRun(storage.db, run);
    expect(own).toBeGreaterThan(runId);
    await storage.footage.create({ cameraId: CAMERA_ID, runId: own, sequence: 0 });
    markIndexComplete(storage.db);
    expect(await recoverStorage(restored)).toMatchObject({ strayFiles: 1 });
    const left = files();
    expect((await finishSegments(restored, new AbortController().signal)).strays).toBe(0);
    expect(files()).toEqual(left);
  });
});
