import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { FootageUse } from '../../../server/storage/footage-use.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import {
  addPart,
  closeSegment,
  deleteSegment,
  insertSegment,
} from '../../../server/storage/segments.ts';
import { StorageReport } from '../../../server/storage/storage-report.ts';
import { insertCamera } from '../../../server/storage/cameras.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1);

let storage: TestStorage;
let use: FootageUse;
let runId: number;
let sequence: number;

beforeEach(async () => {
  storage = await openTestStorage();
  use = new FootageUse(storage.db);
  sequence = 0;
  runId = insertRun(storage.db, {
    ...{ cameraId: CAMERA_ID, anchorMs: epochMs(T0), codecs: 'avc1.640028' },
    ...{ width: 640, height: 360 },
  });
});

afterEach(() => {
  storage.remove();
});

/** An open segment of 2 s and 1,000 bytes, 800 of them in front of the part. */
function begin(atMs: number): number {
  const place = { cameraId: CAMERA_ID, runId, sequence, startMs: epochMs(T0 + atMs) };
  sequence += 1;
  const part = { offsetBytes: 800, sizeBytes: 200, startMs: 0, durationMs: 2_000, key: true };
  return insertSegment(storage.db, place, part);
}

function reportOf(footagePath: string): StorageReport {
  const clock = new TestClock(T0 + 60_000);
  return new StorageReport({ db: storage.db, use, clock, footagePath, isFull: () => false });
}

describe('how much footage there is', () => {
  it('is nothing at first', async () => {
    expect(await use.of(CAMERA_ID)).toEqual({
      ...{ bytes: 0, durationMs: 0, protectedBytes: 0, unprotectedBytes: 0 },
      ...{ oldestMs: undefined, newestMs: undefined },
    });
  });

  it('is what closed segments and the open one have, whenever it is asked', async () => {
    begin(0);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 1_000, durationMs: 2_000 });
    const open = begin(10_000);
    expect(await use.of(CAMERA_ID)).toEqual({
      ...{ bytes: 2_000, durationMs: 4_000, protectedBytes: 0, unprotectedBytes: 2_000 },
      ...{ oldestMs: T0, newestMs: T0 + 12_000 },
    });
    const part = { offsetBytes: 1_000, sizeBytes: 500, startMs: 2_000, durationMs: 1_000 };
    addPart(storage.db, open, { ...part, key: false });
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 2_500, durationMs: 5_000 });
    closeSegment(storage.db, open);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 2_500, durationMs: 5_000 });
    begin(20_000);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 3_500, durationMs: 7_000 });
  });

  it('is counted in steps, and by two who ask at once', async () => {
    storage.db.transaction(() => {
      for (let index = 0; index < 5_003; index += 1) begin(index * 3_000);
    });
    const expected = { bytes: 5_003_000, durationMs: 10_006_000, oldestMs: T0 };
    const answers = await Promise.all([use.of(CAMERA_ID), use.of(CAMERA_ID)]);
    expect(answers).toEqual([
      expect.objectContaining(expected) as unknown,
      expect.objectContaining(expected) as unknown,
    ]);
  });

  it('is counted anew when the oldest was deleted, and when all was', async () => {
    const [first, second] = [begin(0), begin(10_000)];
    closeSegment(storage.db, second);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 2_000 });
    deleteSegment(storage.db, first);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 1_000, oldestMs: T0 + 10_000 });
    deleteSegment(storage.db, second);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 0, oldestMs: undefined });
    begin(20_000);
    expect(await use.of(CAMERA_ID)).toMatchObject({ bytes: 1_000, oldestMs: T0 + 20_000 });
  });

  it('is asked without reading a whole table', async () => {
    begin(0);
    await use.of(CAMERA_ID);
    const params = {
      ...{ cameraId: CAMERA_ID, afterMs: 0, fromMs: 0, toMs: 1, limit: 1, segmentId: 1 },
    };
    const plans = [...storage.db.preparedSql]
      .filter((sql) => /^\s*SELECT/.test(sql) && sql.includes('segment'))
      .flatMap((sql) =>
        storage.db.all(
          { sql: `EXPLAIN QUERY PLAN ${sql}`, read: (row) => row.text('detail') },
          params,
        ),
      );
    expect(plans.join('; ')).not.toMatch(/SCAN segment/);
    expect(plans.join('; ')).toMatch(/segment_by_time/);
  });
});

it('the report names every camera and the room on the disk', async () => {
  const other = '00000000000000c2';
  insertCamera(storage.db, testCamera({ id: other, position: 1 }));
  begin(0);
  const report = await reportOf(storage.folder.footagePath).use();
  const keep = { days: null, bytes: null };
  const nothingSet = { protectedBytes: 0, bytesPerDay: null, keep, next: null };
  expect(report.cameras).toEqual([
    {
      ...{ camera: CAMERA_ID, bytes: 1_000, durationMs: 2_000 },
      ...{ oldest: '2026-01-01T00:00:00.000Z', newest: '2026-01-01T00:00:02.000Z', ...nothingSet },
    },
    { camera: other, bytes: 0, durationMs: 0, oldest: null, newest: null, ...nothingSet },
  ]);
  expect(report.footageBytes).toBe(1_000);
  expect(report.freeBytes).toBeGreaterThan(0);
  expect(report.totalBytes).toBeGreaterThan(report.freeBytes);
  const nowhere = reportOf(`${storage.folder.path}/nowhere`);
  await expect(nowhere.use()).rejects.toMatchObject({ kind: 'not-found' });
});
