/** Old footage is deleted, and the server dies in between: nothing of it looks like damage. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { epochMs } from '../../../server/base/time.ts';
import { checkStorage } from '../../../server/storage/check.ts';
import { deleteSegments, segmentsBeingDeleted } from '../../../server/storage/delete-segments.ts';
import { recoverStorage } from '../../../server/storage/recovery.ts';
import { endRun, insertRun } from '../../../server/storage/runs.ts';
import { closeSegment, insertSegment, segmentPage } from '../../../server/storage/segments.ts';
import type { StoredSegment } from '../../../server/storage/segments.ts';
import { filesBelow } from '../../fixtures/footage-tree.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1);
let storage: TestStorage;

/** Three closed segments. */
beforeEach(async () => {
  storage = await openTestStorage();
  const { db, footage } = storage;
  const runId = insertRun(db, {
    ...{ cameraId: CAMERA_ID, anchorMs: epochMs(T0), codecs: 'avc1', width: 1, height: 1 },
  });
  for (const sequence of [0, 1, 2]) {
    const place = { cameraId: CAMERA_ID, runId, sequence };
    const writer = await footage.create(place);
    const { sizeBytes } = await writer.append([labelledInit(place, 100), Buffer.alloc(50, 7)]);
    const part = { offsetBytes: 100, sizeBytes: sizeBytes - 100, startMs: 0, durationMs: 1_000 };
    const startMs = epochMs(T0 + sequence * 1_000);
    closeSegment(db, insertSegment(db, { ...place, startMs }, { ...part, key: true }));
    await writer.close(sizeBytes);
  }
  endRun(db, runId, 'stopped');
});

afterEach(() => {
  storage.remove();
});

function rows(): StoredSegment[] {
  return segmentPage(storage.db, { cameraId: CAMERA_ID, afterMs: 0, limit: 9 });
}

const files = (): number =>
  filesBelow(storage.folder.footagePath).filter((path) => path.endsWith('.age')).length;

/** Deletes the first two and dies: `when` the files are there still, or gone. */
async function die(when: 'before' | 'after'): Promise<void> {
  const dead = new AppError('io', 'dead');
  const { db, footage } = storage;
  const dying = Object.create(footage, {
    deleteAll: {
      value: async (segments: readonly StoredSegment[]) => {
        if (when === 'after') await footage.deleteAll(segments);
        throw dead;
      },
    },
  }) as typeof footage;
  await expect(deleteSegments({ db, footage: dying }, rows().slice(0, 2))).rejects.toBe(dead);
}

describe.each(['before', 'after'] as const)('a stop %s the files go', (when) => {
  it('is no finding, and the next start finishes it', async () => {
    await die(when);
    expect([rows().length, files()]).toEqual([3, when === 'after' ? 1 : 3]);
    expect(await checkStorage(storage)).toEqual([]);
    await recoverStorage(storage);
    expect([rows().length, files()]).toEqual([1, 1]);
    expect(segmentsBeingDeleted(storage.db)).toEqual([]);
    expect(await checkStorage(storage)).toEqual([]);
  });
});

it('what is not being deleted and has no file is a finding still', async () => {
  await die('after');
  await storage.footage.deleteAll(rows().slice(2));
  expect((await checkStorage(storage)).map(({ invariant }) => invariant)).toEqual([
    'row-has-bytes',
  ]);
});

it('a database too full for the note does not keep the files from going', async () => {
  const full = new AppError('io', 'full', { reason: 'disk-full' });
  const { db, footage } = storage;
  let commits = 0;
  const fullOnce = Object.create(db, {
    transaction: {
      value: <T>(work: () => T): T => {
        commits += 1;
        if (commits === 1) throw full;
        return db.transaction(work);
      },
    },
    run: { value: db.run.bind(db) },
  }) as typeof db;
  await deleteSegments({ db: fullOnce, footage }, rows().slice(0, 2));
  expect([rows().length, files(), commits]).toEqual([1, 1, 2]);
});
