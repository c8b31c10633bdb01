import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import SQLite from 'better-sqlite3';
import { statSync } from 'node:fs';
import { SystemClock } from '../../../server/base/clock.ts';
import { epochMs, UTC_DAY_MS, type UtcDay } from '../../../server/base/time.ts';
import { insertCamera } from '../../../server/storage/cameras.ts';
import { daysWithKeys, insertDayKey } from '../../../server/storage/day-keys.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { closeSegment, deleteSegment, insertSegment } from '../../../server/storage/segments.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

/** Of the machine: how long something blocks is asked. */
const clock = new SystemClock();

const OTHER_ID = '00000000000000c2';

let storage: TestStorage;
const runs = new Map<string, { runId: number; next: number }>();

beforeEach(async () => {
  storage = await openTestStorage();
  insertCamera(storage.db, testCamera({ id: OTHER_ID }));
  for (const cameraId of [CAMERA_ID, OTHER_ID]) {
    const runId = insertRun(storage.db, {
      ...{ cameraId, anchorMs: epochMs(0), codecs: 'avc1', width: 1, height: 1 },
    });
    runs.set(cameraId, { runId, next: 0 });
  }
  for (const day of [100, 101, 102, 103]) {
    insertDayKey(storage.db, Buffer.alloc(8, day), {
      ...{ day: day as UtcDay, sealedKey: Buffer.alloc(280, day) },
    });
  }
});

afterEach(() => {
  storage.remove();
});

interface Footage {
  readonly segmentId: number;
  readonly startMs: ReturnType<typeof epochMs>;
  readonly durationMs: number;
}

/** A closed segment of a minute that begins `fromMs` into a day. */
function footage(cameraId: string, day: number, fromMs = 0): Footage {
  const run = runs.get(cameraId)!;
  const startMs = epochMs(day * UTC_DAY_MS + fromMs);
  const place = { cameraId, runId: run.runId, sequence: run.next };
  run.next += 1;
  const part = { offsetBytes: 1, sizeBytes: 1, startMs: 0, durationMs: 60_000, key: true };
  const segmentId = insertSegment(storage.db, { ...place, startMs }, part);
  closeSegment(storage.db, segmentId);
  return { segmentId, startMs, durationMs: 60_000 };
}

function remove(...segments: readonly Footage[]): number[] {
  const { db, days } = storage;
  const gone = db.transaction(() => {
    for (const { segmentId } of segments) deleteSegment(db, segmentId);
    return days.deleteKeys(segments);
  });
  days.finish(gone);
  return gone;
}

describe('a day', () => {
  it('stays while any camera has footage of it, and goes with the last', () => {
    const [one, two] = [footage(CAMERA_ID, 101), footage(CAMERA_ID, 101, 60_000)];
    const theirs = footage(OTHER_ID, 101, 7_200_000);
    footage(CAMERA_ID, 102);
    expect(remove(one)).toEqual([100]);
    expect(remove(two)).toEqual([]);
    expect(remove(theirs)).toEqual([101]);
    expect(daysWithKeys(storage.db)).toEqual([102, 103]);
    expect(storage.forgottenDays).toEqual([100, 101]);
  });

  it('in the middle goes, too, and nothing around it', () => {
    footage(CAMERA_ID, 100);
    footage(CAMERA_ID, 102);
    const middle = footage(OTHER_ID, 101);
    expect(remove(middle)).toEqual([101]);
    expect(daysWithKeys(storage.db)).toEqual([100, 102, 103]);
  });

  it('stays for a segment that only ends in it, or only begins in it', () => {
    const within = footage(CAMERA_ID, 101, 1_000_000);
    const last = footage(CAMERA_ID, 101, UTC_DAY_MS - 1_000);
    const before = footage(OTHER_ID, 100, UTC_DAY_MS - 1_000);
    expect(remove(within)).toEqual([]);
    expect(remove(before)).toEqual([100]);
    // Its end lay in 102.
    expect(remove(last)).toEqual([101, 102]);
    expect(daysWithKeys(storage.db)).toEqual([103]);
  });

  it('without any footage of its own stays until its time has gone', () => {
    const first = footage(CAMERA_ID, 100);
    const second = footage(CAMERA_ID, 100, 60_000);
    footage(CAMERA_ID, 102);
    // 101 never had footage: the disk was full, the events were not.
    expect(remove(first)).toEqual([]);
    expect(daysWithKeys(storage.db)).toContain(101);
    expect(remove(second)).toEqual([100, 101]);
  });

  it('stays when the transaction that was to forget it did not happen', () => {
    const { db, days } = storage;
    const only = footage(CAMERA_ID, 100);
    expect(() =>
      db.transaction(() => {
        deleteSegment(db, only.segmentId);
        expect(days.deleteKeys([only])).toEqual([100]);
        throw new TypeError('half way');
      }),
    ).toThrow();
    expect(daysWithKeys(db)).toEqual([100, 101, 102, 103]);
    expect(storage.forgottenDays).toEqual([]);
  });
});

describe('the log', () => {
  it('is emptied, and where somebody reads from it, later, without waiting', () => {
    const { db, days, folder } = storage;
    const logPath = `${folder.databasePath}-wal`;
    const reader = new SQLite(folder.databasePath, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM day_key').get();
    const only = footage(CAMERA_ID, 100);
    const startMs = clock.monotonicMs();
    expect(remove(only)).toEqual([100]);
    expect(clock.monotonicMs() - startMs).toBeLessThan(2_000);
    expect(statSync(logPath).size).toBeGreaterThan(0);
    reader.exec('COMMIT');
    reader.close();
    days.finish([]);
    expect(statSync(logPath).size).toBe(0);
    // Nothing is left to do: what is written now is not merged at once.
    footage(CAMERA_ID, 103);
    days.finish([]);
    expect(statSync(logPath).size).toBeGreaterThan(0);
    db.checkpoint();
  });
});
