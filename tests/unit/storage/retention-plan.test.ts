import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { NO_LIMITS } from '../../../server/storage/keep-limits.ts';
import { freeSpans, isTouched, mergeSpans } from '../../../server/storage/protected-ranges.ts';
import {
  DAY_MS,
  NO_SHORTAGE,
  planDeletion,
  type PlanCamera,
  type PlanInput,
} from '../../../server/storage/retention-plan.ts';
import type { DeletableSegment } from '../../../server/storage/unprotected.ts';
import { randomFrom } from '../../fixtures/random-from.ts';

const MB = 1_000_000;
const NOW_MS = Date.UTC(2026, 10, 27);

let nextId = 1;

/** Segments of a minute and 10 MB, one after the other. */
function segments(cameraId: string, fromMs: number, count: number): DeletableSegment[] {
  return Array.from({ length: count }, (_, sequence) => {
    nextId += 1;
    const startMs = epochMs(fromMs + sequence * 60_000);
    const place = { cameraId, runId: 1, sequence, segmentId: nextId };
    return { ...place, startMs, durationMs: 60_000, sizeBytes: 10 * MB };
  });
}

function camera(
  oldest: readonly DeletableSegment[],
  changes: Partial<PlanCamera> = {},
): PlanCamera {
  const nothing = { protectedSpans: [], keep: NO_LIMITS, unprotectedBytes: undefined };
  return { oldest, ...nothing, isHeld: false, ...changes };
}

function plan(cameras: readonly PlanCamera[], changes: Partial<PlanInput> = {}) {
  const defaults = { shortage: NO_SHORTAGE, nowMs: epochMs(NOW_MS), maxSegments: 64 };
  return planDeletion({ cameras, ...defaults, ...changes });
}

describe('what goes', () => {
  it('is nothing while there is room and nothing is set', () => {
    expect(plan([camera(segments('a', 0, 10))])).toEqual([]);
  });

  it('is the oldest of all cameras until the room is there, in bytes and in files', () => {
    const cameras = [camera(segments('a', 0, 10)), camera(segments('b', 30_000, 10))];
    const bytes = plan(cameras, { shortage: { bytes: 25 * MB, files: 0 } });
    expect(bytes.map(({ segment, reason }) => [segment.cameraId, segment.startMs, reason])).toEqual(
      [
        ['a', 0, 'room'],
        ['b', 30_000, 'room'],
        ['a', 60_000, 'room'],
      ],
    );
    expect(plan(cameras, { shortage: { bytes: 0, files: 5 } })).toHaveLength(5);
  });

  it('is what ended before the days that are set, to the millisecond', () => {
    const edge = NOW_MS - 2 * DAY_MS - 60_000;
    const old = segments('a', edge - 60_000, 3);
    const gone = plan([camera(old, { keep: { days: 2, bytes: null } })]);
    expect(gone.map(({ segment, reason }) => [segment.startMs, reason])).toEqual([
      [edge - 60_000, 'days'],
      [edge, 'days'],
    ]);
  });

  it('is nothing by age while the time is not certain, and by bytes all the same', () => {
    const keep = { days: 1, bytes: 1_024 ** 3 };
    const oldest = segments('a', 0, 10);
    const unknown = { nowMs: undefined };
    expect(plan([camera(oldest, { keep })], unknown)).toEqual([]);
    const unprotectedBytes = keep.bytes + 15 * MB;
    const gone = plan([camera(oldest, { keep, unprotectedBytes })], unknown);
    expect(gone.map(({ reason }) => reason)).toEqual(['bytes', 'bytes']);
  });

  it('counts what one limit takes for the others', () => {
    const keep = { days: 1, bytes: 1_024 ** 3 };
    const unprotectedBytes = keep.bytes + 15 * MB;
    const both = [
      ...segments('a', NOW_MS - 3 * DAY_MS, 1),
      ...segments('a', NOW_MS - 60_000 * 9, 9),
    ];
    const gone = plan([camera(both, { keep, unprotectedBytes })], {
      shortage: { bytes: 30 * MB, files: 0 },
    });
    expect(gone.map(({ reason }) => reason)).toEqual(['days', 'bytes', 'room']);
  });

  it('of a camera that is being taken out is last, and only for room', () => {
    const keep = { days: 1, bytes: null };
    const held = camera(segments('a', 0, 5), { isHeld: true, keep });
    expect(plan([held])).toEqual([]);
    const shortage = { bytes: 1, files: 0 };
    const other = camera(segments('b', NOW_MS, 1));
    expect(plan([held, other], { shortage }).map(({ segment }) => segment.cameraId)).toEqual(['b']);
    expect(plan([held], { shortage })).toMatchObject([{ reason: 'room' }]);
  });
});

describe('whatever comes', () => {
  const random = randomFrom(7);
  const rounds = Array.from({ length: 300 }, (_, round) => round);

  it.each([0, 1, 2])(
    'never takes what is protected, keeps the order and stops (seed %i)',
    (part) => {
      for (const round of rounds.filter((one) => one % 3 === part)) {
        const cameras = ['a', 'b', 'c'].map((id) => {
          const fromMs = NOW_MS - random(20) * DAY_MS - random(DAY_MS);
          const spans = Array.from({ length: random(4) }, () => {
            const spanMs = fromMs + random(60) * 60_000 - random(60_000);
            return { fromMs: spanMs, toMs: spanMs + 1 + random(300_000) };
          }).sort((a, b) => a.fromMs - b.fromMs);
          const oldest = segments(id, fromMs, random(64));
          return camera(oldest, {
            protectedSpans: mergeSpans(spans),
            isHeld: random(4) === 0,
            keep: { days: random(2) === 0 ? null : 1 + random(20), bytes: null },
            unprotectedBytes: oldest.length * 10 * MB,
          });
        });
        const shortage = { bytes: random(2) * random(900) * MB, files: random(2) * random(80) };
        const maxSegments = 1 + random(64);
        const nowMs = random(3) === 0 ? undefined : NOW_MS;
        const gone = plan(cameras, { shortage, maxSegments, nowMs });
        const starts = gone.map(({ segment }) => segment.startMs);
        const at = `round ${round}`;
        expect([at, gone.length <= maxSegments]).toEqual([at, true]);
        expect([at, starts]).toEqual([at, [...starts].sort((a, b) => a - b)]);
        expect(new Set(gone.map(({ segment }) => segment.segmentId)).size).toBe(gone.length);
        for (const { segment, reason } of gone) {
          const { protectedSpans, keep, isHeld } =
            cameras.find(({ oldest }) => oldest.includes(segment)) ?? camera([]);
          const endMs = segment.startMs + segment.durationMs;
          expect(isTouched(protectedSpans, { fromMs: segment.startMs, toMs: endMs })).toBe(false);
          if (reason === 'days') {
            expect([at, isHeld, nowMs]).toEqual([at, false, NOW_MS]);
            expect(endMs).toBeLessThanOrEqual(NOW_MS - (keep.days ?? NaN) * DAY_MS);
          }
        }
        const room = gone.filter(({ reason }) => reason === 'room');
        const bytes = gone.reduce((sum, { segment }) => sum + segment.sizeBytes, 0);
        // Nothing goes for room beyond what is missing.
        if (room.length > 0) {
          const before = bytes - (room.at(-1)?.segment.sizeBytes ?? 0);
          const needed = before < shortage.bytes || gone.length - 1 < shortage.files;
          const isLast = gone.at(-1)?.reason === 'room';
          expect([at, needed || !isLast]).toEqual([at, true]);
        }
      }
    },
  );
});

describe('spans', () => {
  it('are joined where they overlap or touch, and leave the rest free', () => {
    const spans = mergeSpans([
      { fromMs: 0, toMs: 10 },
      { fromMs: 5, toMs: 8 },
      { fromMs: 10, toMs: 12 },
      { fromMs: 20, toMs: 30 },
    ]);
    expect(spans).toEqual([
      { fromMs: 0, toMs: 12 },
      { fromMs: 20, toMs: 30 },
    ]);
    expect(freeSpans(spans)).toEqual([
      { fromMs: -Infinity, toMs: 0 },
      { fromMs: 12, toMs: 20 },
      { fromMs: 30, toMs: Infinity },
    ]);
    expect(freeSpans([])).toEqual([{ fromMs: -Infinity, toMs: Infinity }]);
  });
});
