/**
 * A small disk is filled from outside while a camera records: with bytes, then with files, until
 * nothing can be written. What is protected stays, and recording goes on when there is room again.
 * The camera's minutes pass in two seconds; disk, database, sealing and clock are real.
 *
 * The test begins itself once more, inside: with the disk's place in `SMALL_DISK`.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import type { HubMessage } from '../../server/ingest/stream-run.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import { checkStorage } from '../../server/storage/check.ts';
import { diskSpace } from '../../server/storage/disk-space.ts';
import { finishSegments } from '../../server/storage/finish-segments.ts';
import { FootageInUse } from '../../server/storage/footage-in-use.ts';
import { FootageUse } from '../../server/storage/footage-use.ts';
import { ProtectedFootage } from '../../server/storage/protected-footage.ts';
import { recordedRanges } from '../../server/storage/recordings.ts';
import { Retention } from '../../server/storage/retention.ts';
import { segmentPage, type StoredSegment } from '../../server/storage/segments.ts';
import { insertUser } from '../../server/storage/users.ts';
import { madeFrame, madeRun } from '../fixtures/made-media.ts';
import { canMakeDisks, onSmallDisk } from '../fixtures/small-disk.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../fixtures/test-storage.ts';

const MIB = 1024 ** 2;
const DISK = { sizeBytes: 48 * MIB, files: 400 };

/** 3 MB a minute of the camera's time, which is two seconds of ours. */
const FRAME = { durationMs: 500, sizeBytes: 25_000 };
const GOP_FRAMES = 4;
const FRAME_EVERY_MS = 16;

/** So soon after there is room. */
const RESUMES_WITHIN_MS = 10_000;

/** Long enough for everything to be tried and refused. */
const FULL_FOR_MS = 3_000;

const clock = new SystemClock();

let storage: TestStorage;
let retention: Retention;
let footage: ProtectedFootage;
let userId: number;

/** Undefined outside. */
const place = process.env.SMALL_DISK;

/** The rest of the test's own time is for starting it once more. */
const INSIDE_MAX_MS = 110_000;

it.skipIf(place !== undefined || !canMakeDisks)(
  'a small disk is there, and what stands below holds on it',
  async () => {
    const status = await onSmallDisk(DISK, (path) => ({
      argv: [
        ...[process.execPath, 'node_modules/vitest/vitest.mjs', 'run'],
        ...['--config', 'tests/vitest.config.ts', 'tests/fault/full-disk-alone.test.ts'],
      ],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, SMALL_DISK: path },
    }));
    expect(status).toBe(0);
  },
  INSIDE_MAX_MS,
);

describe.skipIf(place === undefined)('a disk that is filled from outside', () => {
  beforeEach(async () => {
    storage = await openTestStorage(undefined, place);
    const { db, footage: store, folder } = storage;
    userId = insertUser(db, {
      ...{ username: 'anna', role: 'owner', passwordHash: '$argon2id$', createdMs: epochMs(0) },
    });
    const use = new FootageUse(db);
    retention = new Retention({
      ...{ db, footage: store, inUse: new FootageInUse(), use, clock, log: silentLog },
      days: storage.days,
      space: () => diskSpace(folder.footagePath),
    });
    footage = new ProtectedFootage({ db, use, clock, settled: () => retention.settled() });
  });

  afterEach(() => {
    storage.remove();
  });

  it('costs what is old and the time without room, nothing else', async () => {
    const recorder = new Recorder({
      ...{ cameraId: CAMERA_ID, db: storage.db, footage: storage.footage, room: retention },
      ...{ clock, log: silentLog, random: Math.random },
    });
    const stop = new AbortController();
    const running = recorder.run(camera(stop.signal), stop.signal);
    await expect.poll(() => closed().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
    const [, first, second] = closed();
    if (first === undefined || second === undefined) throw new Error('nothing was recorded');
    const toMs = epochMs(second.startMs + second.durationMs);
    await footage.protect({ cameraId: CAMERA_ID, fromMs: first.startMs, toMs, userId });
    const before = await Promise.all([first, second].map(contentOf));

    for (const taker of [bytesTaker(place ?? ''), filesTaker(place ?? '')]) {
      const giveRoom = keepFull(taker);
      // Whatever goes makes no room: the filler takes it.
      await expect
        .poll(() => recorder.stats.diskProblem, { timeout: 30_000, interval: 20 })
        .toBe('disk-full');
      const fullAtMs = clock.monotonicMs();
      while (clock.monotonicMs() - fullAtMs < FULL_FOR_MS) await clock.sleep(50);
      expect(recorder.stats.recording).toBe(false);
      giveRoom();
      const roomAtMs = clock.monotonicMs();
      const partsBefore = recorder.stats.partsTotal;
      await expect
        .poll(() => recorder.stats.partsTotal, { timeout: RESUMES_WITHIN_MS, interval: 20 })
        .toBeGreaterThan(partsBefore);
      expect(clock.monotonicMs() - roomAtMs).toBeLessThan(RESUMES_WITHIN_MS);
      // It goes on, across a new segment.
      const count = recorder.stats.segmentsTotal;
      await expect
        .poll(() => recorder.stats.segmentsTotal, { timeout: 20_000 })
        .toBeGreaterThan(count);
    }
    stop.abort();
    await running;

    expect(await Promise.all([first, second].map(contentOf))).toEqual(before);
    await finishSegments(storage, new AbortController().signal);
    expect(await checkStorage(storage)).toEqual([]);
    const all = { cameraId: CAMERA_ID, fromMs: epochMs(0), toMs: epochMs(1e15) };
    const { gaps } = recordedRanges(storage.db, { ...all, nowMs: epochMs(1e15) });
    expect(gaps.filter(({ reason }) => reason === 'disk-full').length).toBeGreaterThanOrEqual(1);
  });
});

async function* camera(signal: AbortSignal): AsyncGenerator<HubMessage> {
  yield { type: 'run', run: madeRun(clock.wallMs()) };
  for (let index = 0; !signal.aborted; index += 1) {
    const key = index % GOP_FRAMES === 0;
    const fragment = madeFrame({ ...FRAME, atMs: index * FRAME.durationMs, key });
    yield { type: 'fragment', fragment, arrivedMs: clock.monotonicMs() };
    await clock.sleep(FRAME_EVERY_MS, signal).catch(() => undefined);
  }
}

function closed(): StoredSegment[] {
  const page = { cameraId: CAMERA_ID, afterMs: -Infinity, limit: 1_000 };
  return segmentPage(storage.db, page).filter(({ partTable }) => partTable !== undefined);
}

/** All its plaintext: every chunk opens, and says what it said. */
async function contentOf(segment: StoredSegment): Promise<string> {
  const reader = await storage.footage.open(segment);
  try {
    const bytes = Buffer.alloc(segment.sizeBytes);
    await reader.read(bytes, 0);
    return createHash('sha256').update(bytes).digest('hex');
  } finally {
    await reader.close();
  }
}

/** What somebody else does on the disk. */
interface Taker {
  /** Takes all that is left. */
  readonly fill: () => void;
  readonly clear: () => void;
}

/** Fills the disk, and again as soon as there is room; answers the function that ends and clears. */
function keepFull({ fill, clear }: Taker): () => void {
  let isOver = false;
  const again = (): void => {
    if (isOver) return;
    fill();
    clock.setTimer(2, again);
  };
  again();
  return () => {
    isOver = true;
    clear();
  };
}

function bytesTaker(folder: string): Taker {
  const path = join(folder, 'filler');
  const block = Buffer.alloc(64 * 1024);
  return {
    fill: () => {
      const file = openSync(path, 'a');
      try {
        untilNoSpace(() => writeSync(file, block));
      } finally {
        closeSync(file);
      }
    },
    clear: () => {
      rmSync(path);
    },
  };
}

function filesTaker(folder: string): Taker {
  let made = 0;
  const pathOf = (index: number): string => join(folder, `filler-${String(index)}`);
  return {
    fill: () => {
      untilNoSpace(() => {
        closeSync(openSync(pathOf(made), 'wx'));
        made += 1;
      });
    },
    clear: () => {
      for (let index = 0; index < made; index += 1) rmSync(pathOf(index));
    },
  };
}

function untilNoSpace(take: () => void): void {
  try {
    for (;;) take();
  } catch (thrown) {
    if (!isNoSpace(thrown)) throw thrown;
  }
}

function isNoSpace(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';
}
