import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { closeGap, insertGap, openGapOf } from '../../../server/storage/gaps.ts';
import { partsBetween, recordedRanges } from '../../../server/storage/recordings.ts';
import { endRun, insertRun, unfinishedRuns } from '../../../server/storage/runs.ts';
import {
  addPart,
  closeSegment,
  insertSegment,
  lastRecordedMs,
  nextSequence,
  openSegments,
} from '../../../server/storage/segments.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1);

let storage: TestStorage;
let runId: number;
let sequence: number;

beforeEach(async () => {
  storage = await openTestStorage();
  sequence = 0;
  runId = insertRun(storage.db, {
    cameraId: CAMERA_ID,
    anchorMs: epochMs(T0),
    codecs: 'avc1.640028',
    width: 640,
    height: 360,
  });
});

afterEach(() => {
  storage.remove();
});

/** A segment of parts of 2 s, key frames where `keys` says (every part by default). */
function addSegment(
  fromMs: number,
  parts: number,
  keys: (i: number) => boolean = () => true,
): number {
  const { db } = storage;
  const part = (i: number) => ({
    offsetBytes: 800 + i * 1_000,
    sizeBytes: 1_000,
    startMs: i * 2_000,
    durationMs: 2_000,
    key: keys(i),
  });
  const id = insertSegment(
    db,
    { cameraId: CAMERA_ID, runId, sequence, startMs: epochMs(T0 + fromMs) },
    part(0),
  );
  sequence += 1;
  for (let i = 1; i < parts; i += 1) addPart(db, id, part(i));
  return id;
}

function ranges(fromMs: number, toMs: number, nowMs = toMs) {
  const found = recordedRanges(storage.db, {
    cameraId: CAMERA_ID,
    fromMs: epochMs(T0 + fromMs),
    toMs: epochMs(T0 + toMs),
    nowMs: epochMs(T0 + nowMs),
  });
  return {
    ranges: found.ranges.map((range) => [range.fromMs - T0, range.toMs - T0]),
    gaps: found.gaps.map((gap) => [gap.fromMs - T0, gap.toMs - T0, gap.reason, gap.open]),
  };
}

describe('recorded ranges', () => {
  it('are empty for a camera that recorded nothing', () => {
    expect(ranges(0, 10_000)).toEqual({ ranges: [], gaps: [] });
  });

  it('join segments that follow one another, and are cut to the question', () => {
    closeSegment(storage.db, addSegment(0, 30));
    closeSegment(storage.db, addSegment(60_200, 30));
    addSegment(121_000, 5);
    expect(ranges(-5, 1_000_000).ranges).toEqual([
      [0, 120_200],
      [121_000, 131_000],
    ]);
    expect(ranges(59_000, 61_000).ranges).toEqual([[59_000, 61_000]]);
    expect(ranges(119_000, 122_000).ranges).toEqual([
      [119_000, 120_200],
      [121_000, 122_000],
    ]);
    expect(ranges(120_300, 120_900).ranges).toEqual([]);
    expect(ranges(131_000, 132_000).ranges).toEqual([]);
  });

  it('grow with every durable part of the open segment', () => {
    const id = addSegment(0, 1);
    expect(ranges(0, 60_000).ranges).toEqual([[0, 2_000]]);
    addPart(storage.db, id, {
      offsetBytes: 1_800,
      sizeBytes: 10,
      startMs: 2_000,
      durationMs: 500,
      key: false,
    });
    expect(ranges(0, 60_000).ranges).toEqual([[0, 2_500]]);
    expect(lastRecordedMs(storage.db, CAMERA_ID)).toBe(T0 + 2_500);
  });

  it('come with the gaps, the open one up to now', () => {
    const { db } = storage;
    closeSegment(db, addSegment(0, 1));
    const gap = (fromMs: number, toMs: number | undefined): void => {
      insertGap(db, {
        cameraId: CAMERA_ID,
        fromMs: epochMs(T0 + fromMs),
        toMs: toMs === undefined ? undefined : epochMs(T0 + toMs),
        reason: 'stalled',
      });
    };
    gap(2_000, 10_000);
    gap(12_000, 12_150);
    gap(20_000, undefined);
    expect(ranges(5_000, 100_000, 30_000).gaps).toEqual([
      [5_000, 10_000, 'stalled', false],
      [20_000, 30_000, 'stalled', true],
    ]);
    expect(ranges(5_000, 25_000, 30_000).gaps.at(-1)).toEqual([20_000, 25_000, 'stalled', true]);
    expect(() => {
      gap(40_000, undefined);
    }).toThrow(expect.objectContaining({ kind: 'conflict' }));
    closeGap(db, CAMERA_ID, epochMs(T0 + 20_100));
    expect(openGapOf(db, CAMERA_ID)).toBeUndefined();
    expect(ranges(0, 100_000).gaps).toEqual([[2_000, 10_000, 'stalled', false]]);
    closeGap(db, CAMERA_ID, epochMs(T0 + 99_000));
  });

  it('of more than 32 days are refused, but not a long question about little', () => {
    closeSegment(storage.db, addSegment(0, 1));
    const year = 365 * 86_400_000;
    expect(ranges(-year, year).ranges).toEqual([[0, 2_000]]);
    closeSegment(storage.db, addSegment(40 * 86_400_000, 1));
    expect(() => ranges(-year, year)).toThrow(expect.objectContaining({ kind: 'unprocessable' }));
    expect(ranges(0, 86_400_000).ranges).toEqual([[0, 2_000]]);
  });
});

describe('parts between two instants', () => {
  function parts(fromMs: number, toMs: number) {
    return partsBetween(storage.db, {
      cameraId: CAMERA_ID,
      fromMs: epochMs(T0 + fromMs),
      toMs: epochMs(T0 + toMs),
    }).map((segment) => ({
      sequence: segment.sequence,
      init: segment.initSizeBytes,
      starts: segment.parts.map((part) => part.startMs - T0),
    }));
  }

  it('begin at the key frame before the first and end with the part of the last', () => {
    closeSegment(
      storage.db,
      addSegment(0, 30, (i) => i % 5 === 0),
    );
    addSegment(60_000, 3);
    expect(parts(13_000, 17_000)).toEqual([
      { sequence: 0, init: 800, starts: [10_000, 12_000, 14_000, 16_000] },
    ]);
    expect(parts(59_500, 62_001)).toEqual([
      { sequence: 0, init: 800, starts: [50_000, 52_000, 54_000, 56_000, 58_000] },
      { sequence: 1, init: 800, starts: [60_000, 62_000] },
    ]);
    expect(parts(-1_000, 100)).toEqual([{ sequence: 0, init: 800, starts: [0] }]);
    expect(parts(66_000, 70_000)).toEqual([]);
    expect(parts(-2_000, -1_000)).toEqual([]);
  });
});

describe('segments and runs', () => {
  it('a camera has one open segment: the next one closes it', () => {
    const { db } = storage;
    addSegment(0, 3);
    addSegment(6_000, 1);
    expect(openSegments(db).map((segment) => segment.sequence)).toEqual([1]);
    expect(nextSequence(db, runId)).toBe(2);
  });

  it('a closed segment takes no part, and one without parts is a defect', () => {
    const { db } = storage;
    const id = addSegment(0, 1);
    closeSegment(db, id);
    const part = { offsetBytes: 1_800, sizeBytes: 1, startMs: 2_000, durationMs: 1, key: false };
    expect(() => {
      addPart(db, id, part);
    }).toThrow(expect.objectContaining({ kind: 'internal' }));
    expect(() => {
      closeSegment(db, id, []);
    }).toThrow(expect.objectContaining({ kind: 'internal' }));
  });

  it('a run that recorded nothing disappears when it ends', () => {
    const { db } = storage;
    expect(unfinishedRuns(db)).toEqual([{ runId, cameraId: CAMERA_ID }]);
    endRun(db, runId, 'stalled');
    const kept = insertRun(db, {
      cameraId: CAMERA_ID,
      anchorMs: epochMs(T0),
      codecs: 'avc1',
      width: 1,
      height: 1,
    });
    expect(kept).toBe(runId + 1);
    runId = kept;
    addSegment(0, 1);
    endRun(db, kept, 'stalled');
    const rows = db.all({
      sql: 'SELECT id, end_reason FROM run',
      read: (row) => row.text('end_reason'),
    });
    expect(rows).toEqual(['stalled']);
  });
});

it('no question by time reads a whole table', () => {
  closeSegment(storage.db, addSegment(0, 1));
  ranges(0, 1);
  const plan = (sql: string, params: Record<string, number | string>): string[] =>
    storage.db.all({ sql: `EXPLAIN QUERY PLAN ${sql}`, read: (row) => row.text('detail') }, params);
  const statements = [...storage.db.preparedSql].filter((sql) => /^\s*SELECT/.test(sql));
  expect(statements.length).toBeGreaterThan(4);
  const params = {
    cameraId: CAMERA_ID,
    searchFromMs: 0,
    fromMs: 0,
    toMs: 1,
    segmentId: 1,
    runId: 1,
    afterMs: 0,
    limit: 1,
  };
  for (const sql of statements) {
    expect(plan(sql, params).join('; ')).not.toMatch(/SCAN (segment|gap|part|run)\b/);
  }
});
