import { existsSync, linkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { insertCamera } from '../../../server/storage/cameras.ts';
import { checkStorage } from '../../../server/storage/check.ts';
import type { DiskSpace } from '../../../server/storage/disk-space.ts';
import { FootageInUse } from '../../../server/storage/footage-in-use.ts';
import { gapsBetween, insertGap } from '../../../server/storage/gaps.ts';
import { FootageUse } from '../../../server/storage/footage-use.ts';
import { shortageOf } from '../../../server/storage/retention-plan.ts';
import { Retention } from '../../../server/storage/retention.ts';
import { endRun, insertRun, runHead } from '../../../server/storage/runs.ts';
import { closeSegment, insertSegment, segmentPage } from '../../../server/storage/segments.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

const GIB = 1024 ** 3;
const OTHER_ID = '00000000000000c2';

/** A disk of 100 MB: 10 MB are kept free, and 1 MB beyond when something goes. */
const DISK_BYTES = 100_000_000;
const SEGMENT_BYTES = 2_000_000;

let storage: TestStorage;
let inUse: FootageInUse;
let clock: TestClock;
/** What else is on the disk. */
let otherBytes: number;
let asked: number;

beforeEach(async () => {
  storage = await openTestStorage();
  insertCamera(storage.db, testCamera({ id: OTHER_ID }));
  inUse = new FootageInUse();
  clock = new TestClock();
  otherBytes = 0;
  asked = 0;
});

afterEach(() => {
  storage.remove();
});

function retention(): Retention {
  const { db, footage, days } = storage;
  const space = (): Promise<DiskSpace> => {
    asked += 1;
    const footageBytes = starts().length * SEGMENT_BYTES;
    return Promise.resolve({
      ...{ totalBytes: DISK_BYTES, freeBytes: DISK_BYTES - otherBytes - footageBytes },
      ...{ freeFiles: 50_000, totalFiles: 100_000 },
    });
  };
  const use = new FootageUse(db);
  return new Retention({ db, footage, inUse, days, use, clock, log: silentLog, space });
}

/** A run of closed segments, a second each; their rows say 2 MB, their files are small. */
async function record(cameraId: string, fromMs: number, count: number): Promise<number> {
  const { db, footage } = storage;
  const runId = insertRun(db, {
    ...{ cameraId, anchorMs: epochMs(fromMs), codecs: 'avc1', width: 1, height: 1 },
  });
  for (let sequence = 0; sequence < count; sequence += 1) {
    const place = { cameraId, runId, sequence };
    const writer = await footage.create(place);
    await writer.append([labelledInit(place, 100), Buffer.alloc(100)]);
    await writer.close(200);
    const part = {
      offsetBytes: 100,
      sizeBytes: SEGMENT_BYTES - 100,
      startMs: 0,
      durationMs: 1_000,
    };
    const startMs = epochMs(fromMs + sequence * 1_000);
    closeSegment(db, insertSegment(db, { ...place, startMs }, { ...part, key: true }));
  }
  endRun(db, runId, 'stopped');
  return runId;
}

function starts(cameraId?: string): number[] {
  return (cameraId === undefined ? [CAMERA_ID, OTHER_ID] : [cameraId]).flatMap((id) =>
    segmentPage(storage.db, { cameraId: id, afterMs: -Infinity, limit: 1_000 }).map(
      ({ startMs }) => startMs,
    ),
  );
}

describe('what is missing', () => {
  const disk = { totalBytes: 1_000 * GIB, freeFiles: 1e6, totalFiles: 1e7 };

  it.each([
    ['there is room', { ...disk, freeBytes: 11 * GIB }, 0, 0],
    ['the reserve is touched', { ...disk, freeBytes: 9.5 * GIB }, 0.75 * GIB, 0],
    ['a small disk keeps half a gigabyte', { ...disk, totalBytes: 16 * GIB, freeBytes: 0 }, 0, 0],
    ['no file can be made', { ...disk, freeBytes: 20 * GIB, freeFiles: 100 }, 0, 2_100],
    ['files have no limit', { ...disk, freeBytes: 20 * GIB, freeFiles: 0, totalFiles: 0 }, 0, 0],
  ])('%s', (_when, space, bytes, files) => {
    const missing = shortageOf(space);
    expect(missing.files).toBe(files);
    if (space.totalBytes === disk.totalBytes) expect(missing.bytes).toBe(bytes);
    else expect(missing.bytes / 1024 ** 2).toBeCloseTo(512 + 16 * 10.24, 0);
  });
});

describe('the oldest footage', () => {
  it('stays while there is room, and the disk is asked once a second', async () => {
    await record(CAMERA_ID, 1_000_000, 20);
    const keeper = retention();
    for (let time = 0; time < 5; time += 1) expect(await keeper.makeRoom()).toBe(true);
    expect(asked).toBe(1);
    await clock.advance(1_001);
    expect(await keeper.makeRoom()).toBe(true);
    expect(asked).toBe(2);
    expect(starts()).toHaveLength(20);
  });

  it('goes, of whichever camera, until the reserve is free and a little more', async () => {
    await record(CAMERA_ID, 1_000_000, 20);
    await record(OTHER_ID, 1_010_500, 20);
    otherBytes = 15_000_000;
    // 5 MB are free, 11 are wanted: three segments.
    expect(await retention().makeRoom()).toBe(true);
    expect(starts(CAMERA_ID)).toEqual(Array.from({ length: 17 }, (_, i) => 1_003_000 + i * 1_000));
    expect(starts(OTHER_ID)).toHaveLength(20);
    otherBytes += 20_000_000;
    await clock.advance(1_001);
    expect(await retention().makeRoom()).toBe(true);
    // From 1,010,500 on both have footage, and take turns.
    expect(Math.min(...starts(CAMERA_ID)) - Math.min(...starts(OTHER_ID))).toBeLessThan(1_000);
  });

  it('takes its run and the gaps before it with it, and nothing else', async () => {
    const first = await record(CAMERA_ID, 1_000_000, 3);
    const second = await record(CAMERA_ID, 1_010_000, 3);
    const gap = { cameraId: CAMERA_ID, reason: 'stalled' } as const;
    insertGap(storage.db, { ...gap, fromMs: epochMs(1_003_000), toMs: epochMs(1_010_000) });
    insertGap(storage.db, { ...gap, fromMs: epochMs(1_013_000), toMs: undefined });
    otherBytes = DISK_BYTES - 15_000_000 - 2_000_000;
    expect(await retention().makeRoom()).toBe(true);
    expect(starts()).toHaveLength(3);
    expect(runHead(storage.db, first)).toBeUndefined();
    expect(runHead(storage.db, second)).toBeDefined();
    expect(existsSync(join(storage.folder.footagePath, CAMERA_ID, String(first)))).toBe(false);
    const all = { cameraId: CAMERA_ID, fromMs: epochMs(0), toMs: epochMs(2_000_000) };
    expect(gapsBetween(storage.db, all).map(({ fromMs }) => fromMs)).toEqual([1_013_000]);
    const found = (await checkStorage(storage)).filter(
      // The rows here say more bytes than the files have.
      ({ invariant }) => invariant !== 'row-has-bytes',
    );
    expect(found).toEqual([]);
  });

  it('cannot be opened any more, whatever the disk still has of it', async () => {
    const runId = await record(CAMERA_ID, 1_000_000, 1);
    const path = join(storage.folder.footagePath, CAMERA_ID, String(runId), '000000.age');
    const kept = join(storage.folder.path, 'kept.age');
    // Another name for the same blocks.
    linkSync(path, kept);
    expect(readFileSync(kept, 'latin1')).toMatch(/^age-encryption/);
    otherBytes = DISK_BYTES;
    expect(await retention().makeRoom()).toBe(false);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(kept).includes('X25519')).toBe(false);
  });

  it('of a camera that is being taken out goes last', async () => {
    await record(CAMERA_ID, 1_000_000, 5);
    await record(OTHER_ID, 2_000_000, 5);
    const release = inUse.hold(CAMERA_ID);
    otherBytes = DISK_BYTES - 24_000_000;
    expect(await retention().makeRoom()).toBe(true);
    expect([starts(CAMERA_ID).length, starts(OTHER_ID).length]).toEqual([5, 1]);
    otherBytes = DISK_BYTES - 16_000_000;
    expect(await retention().makeRoom()).toBe(true);
    expect(starts(CAMERA_ID).length).toBeLessThan(5);
    release();
  });

  it('goes also when the disk says that it is full and its numbers say otherwise', async () => {
    await record(CAMERA_ID, 1_000_000, 5);
    expect(await retention().onDiskFull()).toBe(true);
    expect(starts()).toEqual([]);
    expect(await retention().onDiskFull()).toBe(false);
  });

  it('several who ask at once wait for the same work', async () => {
    await record(CAMERA_ID, 1_000_000, 10);
    otherBytes = DISK_BYTES - 25_000_000;
    const keeper = retention();
    const answers = await Promise.all([1, 2, 3].map(() => keeper.makeRoom()));
    expect(answers).toEqual([true, true, true]);
    expect(starts()).toHaveLength(7);
  });

  it('is looked at each minute', async () => {
    await record(CAMERA_ID, 1_000_000, 10);
    const keeper = retention();
    const stop = new AbortController();
    const running = keeper.run(stop.signal);
    await clock.advance(10);
    expect(starts()).toHaveLength(10);
    otherBytes = DISK_BYTES - 25_000_000;
    await clock.advance(60_000);
    await expect.poll(() => starts().length).toBeLessThan(10);
    stop.abort();
    await clock.advance(60_000);
    await running;
  });
});
