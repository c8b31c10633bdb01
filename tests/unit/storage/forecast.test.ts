import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import {
  forecast,
  type ForecastCamera,
  type ForecastInput,
} from '../../../server/storage/forecast.ts';
import { NO_LIMITS } from '../../../server/storage/keep-limits.ts';
import { DAY_MS } from '../../../server/storage/retention-plan.ts';

const GB = 1_000_000_000;
const NOW_MS = Date.UTC(2026, 10, 27);

/** Ten days of 10 GB each. */
function camera(cameraId: string, changes: Partial<ForecastCamera> = {}): ForecastCamera {
  return {
    ...{ cameraId, unprotectedBytes: 100 * GB, protectedBytes: 0, bytesPerDay: 10 * GB },
    ...{ oldestMs: epochMs(NOW_MS - 10 * DAY_MS), keep: NO_LIMITS },
    ...changes,
  };
}

function told(cameras: readonly ForecastCamera[], changes: Partial<ForecastInput> = {}) {
  const nowMs = epochMs(NOW_MS);
  return forecast({ cameras, roomBytes: 50 * GB, nowMs, isFull: false, ...changes });
}

function inDays(days: number): number {
  return NOW_MS + days * DAY_MS;
}

describe('what goes next', () => {
  it('goes for room when the disk is full, after what others have that is older', () => {
    const young = camera('b', {
      ...{ unprotectedBytes: 40 * GB, oldestMs: epochMs(NOW_MS - 4 * DAY_MS) },
    });
    const { next, warnings } = told([camera('a'), young]);
    // 50 GB at 20 a day; then six days of the other are older.
    expect(next.get('a')).toEqual({ reason: 'room', atMs: inDays(2.5), keepsDays: 12.5 });
    expect(next.get('b')).toEqual({ reason: 'room', atMs: inDays(5.5), keepsDays: 9.5 });
    expect(warnings).toEqual([]);
  });

  it('goes by whichever limit comes first', () => {
    const days = told([camera('a', { keep: { days: 12, bytes: null } })]);
    expect(days.next.get('a')).toEqual({ reason: 'days', atMs: inDays(2), keepsDays: 12 });
    const bytes = told([camera('a', { keep: { days: 12, bytes: 110 * GB } })]);
    expect(bytes.next.get('a')).toEqual({ reason: 'bytes', atMs: inDays(1), keepsDays: 11 });
  });

  it('goes now where a limit is passed already', () => {
    const { next } = told([camera('a', { keep: { days: 3, bytes: null } })]);
    expect(next.get('a')).toMatchObject({ reason: 'days', atMs: NOW_MS });
  });

  it('is unknown without a rate, without footage, and beyond ten years', () => {
    const unknown = camera('a', { bytesPerDay: undefined });
    const nothing = camera('b', { bytesPerDay: undefined, oldestMs: undefined });
    expect(told([unknown, nothing]).next.size).toBe(0);
    expect(told([camera('a', { bytesPerDay: 1 })]).next.size).toBe(0);
  });
});

describe('a warning comes before', () => {
  it('history gets shorter than the days that are set', () => {
    const wanted = { days: 30, bytes: null };
    const { warnings } = told([camera('a', { keep: wanted }), camera('b')]);
    // 250 GB at 20 a day.
    expect(warnings).toEqual([{ kind: 'short-history', camera: 'a', days: 30, keepsDays: 12.5 }]);
  });

  it('but not where what others leave is enough', () => {
    const cameras = [
      camera('a', { keep: { days: 20, bytes: null } }),
      camera('b', { keep: { days: 5, bytes: null } }),
    ];
    expect(told(cameras).warnings).toEqual([]);
  });

  it('a share is smaller than the days', () => {
    const keep = { days: 20, bytes: 50 * GB };
    expect(told([camera('a', { keep })], { roomBytes: 1_000 * GB }).warnings).toEqual([
      { kind: 'short-history', camera: 'a', days: 20, keepsDays: 5 },
    ]);
  });

  it('protected footage fills the disk', () => {
    const full = camera('a', { unprotectedBytes: 4 * GB, protectedBytes: 90 * GB });
    expect(told([full], { roomBytes: 1 * GB }).warnings).toEqual([
      {
        ...{ kind: 'protected-fills-disk', protectedBytes: 90 * GB, roomBytes: 95 * GB },
        keepsDays: 0.5,
      },
    ]);
    const brim = { ...full, unprotectedBytes: 0, bytesPerDay: undefined };
    expect(told([brim], { roomBytes: -1 }).warnings).toMatchObject([{ keepsDays: 0 }]);
    expect(told([full], { roomBytes: 20 * GB }).warnings).toEqual([]);
  });

  it('or says that it has come to that', () => {
    expect(told([], { isFull: true }).warnings).toEqual([{ kind: 'disk-full' }]);
  });
});
