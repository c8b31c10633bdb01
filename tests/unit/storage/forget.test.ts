import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { insertCamera, removeCamera, removedCameraIds } from '../../../server/storage/cameras.ts';
import { FootageInUse } from '../../../server/storage/footage-in-use.ts';
import { Forgetter } from '../../../server/storage/forget.ts';
import { insertGap } from '../../../server/storage/gaps.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { insertSegment, closeSegment } from '../../../server/storage/segments.ts';
import { FaultyFileSystem } from '../../doubles/faulty-file-system.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

let storage: TestStorage;
let clock: TestClock;
let inUse: FootageInUse;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  storage = await openTestStorage();
  clock = new TestClock();
  inUse = new FootageInUse();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await running;
  storage.remove();
});

function start(footage = storage.footage): Forgetter {
  const forgetter = new Forgetter({
    db: storage.db,
    footage,
    listing: storage.listing,
    inUse,
    days: storage.days,
    clock,
    log: silentLog,
    random: () => 0,
  });
  running = forgetter.run(stop.signal);
  return forgetter;
}

async function addFootage(segments: number): Promise<void> {
  const { db, footage } = storage;
  const runId = insertRun(db, {
    cameraId: CAMERA_ID,
    anchorMs: epochMs(0),
    codecs: 'avc1',
    width: 1,
    height: 1,
  });
  for (let sequence = 0; sequence < segments; sequence += 1) {
    const place = { cameraId: CAMERA_ID, runId, sequence };
    const writer = await footage.create(place);
    await writer.append([Buffer.from('footage')]);
    await writer.close(7);
    const part = { offsetBytes: 3, sizeBytes: 4, startMs: 0, durationMs: 10, key: true };
    const startMs = epochMs(1_000 + sequence * 10);
    closeSegment(db, insertSegment(db, { ...place, startMs }, part));
  }
  insertGap(db, {
    cameraId: CAMERA_ID,
    fromMs: epochMs(9_999),
    toMs: undefined,
    reason: 'removed',
  });
}

/** Waits for real files, at most for a while that no test takes. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 100_000 && !condition(); turns += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(condition()).toBe(true);
}

function rows(): number[] {
  return ['camera', 'run', 'segment', 'gap'].map(
    (table) =>
      storage.db.get({
        sql: `SELECT count(*) AS count FROM ${table}`,
        read: (row) => row.integer('count'),
      }) ?? -1,
  );
}

describe('forgetting a camera', () => {
  it('deletes its files and rows, in steps, and nothing of others', async () => {
    insertCamera(storage.db, testCamera({ id: '00000000000000c2' }));
    await addFootage(70);
    const forgetter = start();
    removeCamera(storage.db, CAMERA_ID, epochMs(5));
    forgetter.wake();
    await until(() => removedCameraIds(storage.db).length === 0);
    expect(rows()).toEqual([1, 0, 0, 0]);
    expect(existsSync(join(storage.folder.footagePath, CAMERA_ID))).toBe(false);
  });

  it('goes on at the next start', async () => {
    await addFootage(3);
    removeCamera(storage.db, CAMERA_ID, epochMs(5));
    start();
    await until(() => removedCameraIds(storage.db).length === 0);
    expect(rows()).toEqual([0, 0, 0, 0]);
  });

  it('waits while its footage is being read', async () => {
    await addFootage(2);
    const release = inUse.hold(CAMERA_ID);
    const releaseToo = inUse.hold(CAMERA_ID);
    removeCamera(storage.db, CAMERA_ID, epochMs(5));
    start();
    release();
    release();
    await clock.advance(1_000);
    expect(rows()[2]).toBe(2);
    releaseToo();
    await until(() => removedCameraIds(storage.db).length === 0);
    expect(rows()).toEqual([0, 0, 0, 0]);
  });

  it('stops while it waits', async () => {
    await addFootage(2);
    inUse.hold(CAMERA_ID);
    removeCamera(storage.db, CAMERA_ID, epochMs(5));
    start();
    stop.abort();
    await running;
    expect(rows()[2]).toBe(2);
  });

  it('tries again when the disk refuses', async () => {
    await addFootage(2);
    removeCamera(storage.db, CAMERA_ID, epochMs(5));
    const system = new FaultyFileSystem(1, { kind: 'error', code: 'EIO', times: 1 });
    start(storage.footageOn(system));
    await system.happened;
    await system.idle();
    expect(rows()[2]).toBe(2);
    await clock.advance(2_000);
    await until(() => removedCameraIds(storage.db).length === 0);
  });
});
