import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { insertCamera, removeCamera } from '../../../server/storage/cameras.ts';
import type { DiskSpace } from '../../../server/storage/disk-space.ts';
import { FootageInUse } from '../../../server/storage/footage-in-use.ts';
import { FootageUse } from '../../../server/storage/footage-use.ts';
import { Forgetter } from '../../../server/storage/forget.ts';
import { ProtectedFootage } from '../../../server/storage/protected-footage.ts';
import { insertProtectedRange } from '../../../server/storage/protected-ranges.ts';
import { DAY_MS } from '../../../server/storage/retention-plan.ts';
import { Retention } from '../../../server/storage/retention.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { closeSegment, insertSegment, segmentPage } from '../../../server/storage/segments.ts';
import { StorageReport } from '../../../server/storage/storage-report.ts';
import { insertUser } from '../../../server/storage/users.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

const OTHER_ID = '00000000000000c2';
const NOW_MS = Date.UTC(2026, 10, 27);
const MINUTE_MS = 60_000;
const MB = 1_000_000;
const GIB = 1024 ** 3;

/** What the rows say; nothing here reads a file, and deleting one that is not there is no error. */
const SEGMENT_BYTES = 10 * MB;

let storage: TestStorage;
let use: FootageUse;
let clock: TestClock;
let freeBytes: number;
let isTrusted: boolean;
let retention: Retention;
let report: StorageReport;
let footage: ProtectedFootage;
let userId: number;

beforeEach(async () => {
  storage = await openTestStorage();
  const { db, folder } = storage;
  insertCamera(db, testCamera({ id: OTHER_ID, position: 1 }));
  userId = insertUser(db, {
    ...{ username: 'anna', role: 'owner', passwordHash: '$argon2id$', createdMs: epochMs(NOW_MS) },
  });
  use = new FootageUse(db);
  clock = new TestClock(NOW_MS);
  freeBytes = 1e12;
  isTrusted = true;
  const space = (): Promise<DiskSpace> =>
    Promise.resolve({ totalBytes: 1e12, freeBytes, freeFiles: 1e6, totalFiles: 1e7 });
  retention = new Retention({
    ...{ db, footage: storage.footage, inUse: new FootageInUse(), use, clock, log: silentLog },
    ...{ space, isClockTrusted: () => isTrusted, days: storage.days },
  });
  const { footagePath } = folder;
  report = new StorageReport({ db, use, clock, footagePath, isFull: () => retention.isFull });
  footage = new ProtectedFootage({ db, use, clock, settled: () => retention.settled() });
});

afterEach(() => {
  storage.remove();
});

/** Closed segments of a minute, one after the other. */
function record(cameraId: string, fromMs: number, count: number): void {
  const { db } = storage;
  const anchorMs = epochMs(fromMs);
  const runId = insertRun(db, { cameraId, anchorMs, codecs: 'avc1', width: 1, height: 1 });
  const part = { offsetBytes: 100, sizeBytes: SEGMENT_BYTES - 100, startMs: 0, key: true };
  db.transaction(() => {
    for (let sequence = 0; sequence < count; sequence += 1) {
      const startMs = epochMs(fromMs + sequence * MINUTE_MS);
      const row = { cameraId, runId, sequence, startMs };
      closeSegment(db, insertSegment(db, row, { ...part, durationMs: MINUTE_MS }));
    }
  });
}

function starts(cameraId = CAMERA_ID): number[] {
  const page = { cameraId, afterMs: -Infinity, limit: 10_000 };
  return segmentPage(storage.db, page).map(({ startMs }) => startMs);
}

function protect(fromMs: number, toMs: number, cameraId = CAMERA_ID): Promise<string> {
  return footage.protect({ cameraId, fromMs: epochMs(fromMs), toMs: epochMs(toMs), userId });
}

describe('a limit in days', () => {
  it('takes what is older, of that camera only, and says so before', async () => {
    const edgeMs = NOW_MS - 3 * DAY_MS;
    for (const id of [CAMERA_ID, OTHER_ID]) {
      record(id, edgeMs - 100 * MINUTE_MS, 150);
    }
    const limits = { days: 3, bytes: null };
    expect(await report.preview(CAMERA_ID, limits)).toEqual({
      ...{ bytes: 100 * SEGMENT_BYTES, durationMs: 100 * MINUTE_MS },
      from: new Date(edgeMs - 100 * MINUTE_MS).toISOString(),
      to: new Date(edgeMs).toISOString(),
    });
    report.setKeep(CAMERA_ID, limits);
    await retention.keepLimits();
    expect([starts().length, starts()[0], starts(OTHER_ID).length]).toEqual([50, edgeMs, 150]);
    expect(await report.preview(CAMERA_ID, limits)).toMatchObject({ bytes: 0, from: null });
  });

  it('takes nothing when the clock jumps to 2099, and little in a round after that', async () => {
    record(CAMERA_ID, NOW_MS - 2_000 * MINUTE_MS, 2_000);
    report.setKeep(CAMERA_ID, { days: 30, bytes: null });
    await retention.keepLimits();
    clock.stepWall(Date.UTC(2099, 0, 1) - NOW_MS);
    await retention.keepLimits();
    await clock.advance(12 * 3_600_000);
    await retention.keepLimits();
    expect(starts()).toHaveLength(2_000);
    await clock.advance(13 * 3_600_000);
    await retention.keepLimits();
    expect(starts()).toHaveLength(2_000 - 16 * 64);
  });

  it('takes nothing while others do not trust the clock', async () => {
    record(CAMERA_ID, NOW_MS - 3 * DAY_MS, 5);
    report.setKeep(CAMERA_ID, { days: 1, bytes: null });
    isTrusted = false;
    await retention.keepLimits();
    expect(starts()).toHaveLength(5);
    isTrusted = true;
    await retention.keepLimits();
    expect(starts()).toHaveLength(0);
  });
});

describe('a limit in bytes', () => {
  it('takes the oldest beyond it, does not count what is protected, and holds after that', async () => {
    record(CAMERA_ID, NOW_MS - 300 * MINUTE_MS, 200);
    const fromMs = NOW_MS - 300 * MINUTE_MS;
    await protect(fromMs, fromMs + 10 * MINUTE_MS);
    report.setKeep(CAMERA_ID, { days: null, bytes: GIB });
    await retention.keepLimits();
    // 107 segments are just below a gigabyte; ten more are protected.
    expect(starts()).toHaveLength(117);
    expect(starts().slice(0, 10)).toEqual(
      Array.from({ length: 10 }, (_, index) => fromMs + index * MINUTE_MS),
    );
    expect((await use.of(CAMERA_ID)).bytes).toBe(117 * SEGMENT_BYTES);
    record(CAMERA_ID, NOW_MS - 100 * MINUTE_MS, 3);
    await retention.keepLimits();
    expect(starts()).toHaveLength(117);
    expect(await use.of(CAMERA_ID)).toMatchObject({
      ...{ bytes: 117 * SEGMENT_BYTES, protectedBytes: 10 * SEGMENT_BYTES },
      unprotectedBytes: 107 * SEGMENT_BYTES,
    });
  });
});

describe('protected footage', () => {
  it('stays whatever the rule: age, share, and a disk without room', async () => {
    record(CAMERA_ID, NOW_MS - 20 * DAY_MS, 20);
    // The box was on until now.
    record(OTHER_ID, NOW_MS - 2 * MINUTE_MS, 2);
    const fromMs = NOW_MS - 20 * DAY_MS + 5 * MINUTE_MS;
    // It begins within one file, and ends within another: both stay.
    const id = await protect(fromMs - 1, fromMs + 4 * MINUTE_MS + 1);
    const kept = Array.from({ length: 6 }, (_, index) => fromMs + (index - 1) * MINUTE_MS);
    report.setKeep(CAMERA_ID, { days: 1, bytes: GIB });
    await retention.keepLimits();
    expect(starts()).toEqual(kept);
    freeBytes = 0;
    expect(await retention.makeRoom()).toBe(false);
    expect(await retention.onDiskFull()).toBe(false);
    expect(starts()).toEqual(kept);
    expect((await report.use()).warnings).toContainEqual({ kind: 'disk-full' });
    footage.unprotect(id);
    expect(starts()).toEqual(kept);
    await retention.keepLimits();
    expect(starts()).toEqual([]);
  });

  it('goes with its camera, when a person removes that', async () => {
    record(CAMERA_ID, NOW_MS - DAY_MS, 3);
    await protect(NOW_MS - DAY_MS, NOW_MS);
    const { db, footage: store } = storage;
    removeCamera(db, CAMERA_ID, epochMs(NOW_MS));
    const said: unknown[] = [];
    const log = { ...silentLog, info: (fields: object) => void said.push(fields) };
    const forgetter = new Forgetter({
      ...{ db, footage: store, inUse: new FootageInUse(), clock, log, random: () => 0.5 },
      ...{ listing: storage.listing, days: storage.days },
    });
    const stop = new AbortController();
    const running = forgetter.run(stop.signal);
    await expect.poll(() => said).toEqual([{ protectedRanges: 1 }]);
    stop.abort();
    await running;
    expect(starts()).toEqual([]);
  });

  it('is told with its bytes, and is limited', async () => {
    record(CAMERA_ID, NOW_MS - DAY_MS, 10);
    const id = await protect(NOW_MS - DAY_MS + 1, NOW_MS - DAY_MS + MINUTE_MS + 1);
    const range = { cameraId: CAMERA_ID, fromMs: epochMs(0), toMs: epochMs(NOW_MS) };
    expect(await footage.ranges(range)).toEqual({
      ranges: [
        {
          ...{ id, bytes: 2 * SEGMENT_BYTES },
          from: new Date(NOW_MS - DAY_MS + 1).toISOString(),
          to: new Date(NOW_MS - DAY_MS + MINUTE_MS + 1).toISOString(),
        },
      ],
    });
    expect(await footage.ranges({ ...range, toMs: epochMs(1) })).toEqual({ ranges: [] });
    await expect(protect(0, 31 * DAY_MS + 1)).rejects.toMatchObject({ kind: 'unprocessable' });
    await expect(protect(0, 1, '00000000000000ff')).rejects.toMatchObject({ kind: 'not-found' });
    storage.db.transaction(() => {
      for (let index = 1; index < 1_000; index += 1) {
        const [fromMs, toMs, createdMs] = [epochMs(index), epochMs(index + 1), epochMs(NOW_MS)];
        const row = { id: String(index).padStart(32, '0'), cameraId: CAMERA_ID, fromMs, toMs };
        insertProtectedRange(storage.db, { ...row, createdMs, userId });
      }
    });
    await expect(protect(0, 1)).rejects.toMatchObject({ kind: 'exhausted' });
    expect(() => {
      footage.unprotect('f'.repeat(32));
    }).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });
});

describe('the report', () => {
  it('says how fast a camera fills the disk, from days that have footage', async () => {
    record(CAMERA_ID, NOW_MS - 3 * DAY_MS, 1_440);
    // A day without footage.
    record(CAMERA_ID, NOW_MS - DAY_MS, 1_440);
    record(OTHER_ID, NOW_MS - DAY_MS, 59);
    report.setKeep(CAMERA_ID, { days: 3, bytes: null });
    const { cameras } = await report.use();
    expect(cameras).toMatchObject([
      {
        ...{ bytesPerDay: 1_440 * SEGMENT_BYTES, keep: { days: 3, bytes: null } },
        next: { reason: 'days', at: new Date(NOW_MS).toISOString(), keepsDays: 3 },
      },
      { bytesPerDay: null, keep: { days: null, bytes: null } },
    ]);
    expect(await report.days('UTC', 4)).toEqual({
      days: [
        { day: '2026-11-24', cameras: [day(CAMERA_ID, 1_440)] },
        { day: '2026-11-25', cameras: [] },
        { day: '2026-11-26', cameras: [day(CAMERA_ID, 1_440), day(OTHER_ID, 59)] },
        { day: '2026-11-27', cameras: [] },
      ],
    });
  });

  it('knows no camera that is not there', async () => {
    const limits = { days: 1, bytes: null };
    const nobody = '00000000000000ff';
    expect(() => {
      report.setKeep(nobody, limits);
    }).toThrow(expect.objectContaining({ kind: 'not-found' }));
    await expect(report.preview(nobody, limits)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

function day(camera: string, segments: number): object {
  return { camera, bytes: segments * SEGMENT_BYTES, durationMs: segments * MINUTE_MS };
}

it('no question of retention or of the report reads a whole table of footage', async () => {
  const { db } = storage;
  record(CAMERA_ID, NOW_MS - DAY_MS, 100);
  await protect(NOW_MS - DAY_MS, NOW_MS - DAY_MS + MINUTE_MS);
  report.setKeep(CAMERA_ID, { days: 1, bytes: GIB });
  await report.use();
  await report.days('UTC', 2);
  await report.preview(CAMERA_ID, { days: 1, bytes: GIB });
  freeBytes = 0;
  await retention.keepLimits();
  await retention.makeRoom();
  const params = {
    ...{ cameraId: CAMERA_ID, afterMs: 0, fromMs: 0, toMs: 1, limit: 1 },
    ...{ segmentId: 1, id: 'x', runId: 1 },
  };
  const statements = [...db.preparedSql].filter((sql) => /^\s*SELECT/.test(sql));
  const plans = statements.flatMap((sql) =>
    db.all({ sql: `EXPLAIN QUERY PLAN ${sql}`, read: (row) => row.text('detail') }, params),
  );
  expect(plans.join('; ')).toMatch(/segment_by_time .*start_ms/);
  expect(plans.join('; ')).toMatch(/protected_range_by_camera/);
  expect(plans.join('; ')).not.toMatch(/SCAN (segment|gap|part|run)\b/);
});
