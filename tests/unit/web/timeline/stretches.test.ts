import { describe, expect, it } from 'vitest';
import {
  isUncertain,
  nextRecorded,
  recordedMs,
  recordedTimes,
  stretchAt,
  stretchesBetween,
  type RecordedTimes,
} from '../../../../web/timeline/stretches.ts';

const MINUTE = 60_000;

/** Recorded from minute 10 to 20 and 30 to 50, with reasons between; asked at minute 50. */
const times: RecordedTimes = {
  ranges: [
    { fromMs: 10 * MINUTE, toMs: 20 * MINUTE },
    { fromMs: 30 * MINUTE, toMs: 50 * MINUTE },
  ],
  gaps: [
    { fromMs: 20 * MINUTE, toMs: 24 * MINUTE, reason: 'disconnected' },
    { fromMs: 24 * MINUTE, toMs: 30 * MINUTE, reason: 'unreachable' },
  ],
  askedMs: 50 * MINUTE,
};

const inMinutes = (fromMs: number, toMs: number, of = times): unknown[] =>
  stretchesBetween(of, fromMs * MINUTE, toMs * MINUTE).map((stretch) => [
    stretch.kind === 'missing' ? (stretch.reason ?? 'unknown') : stretch.kind,
    stretch.fromMs / MINUTE,
    stretch.toMs / MINUTE,
  ]);

describe('stretchesBetween', () => {
  it('says what is there, what is missing and why, and what is to come', () => {
    expect(inMinutes(0, 60)).toEqual([
      ['unknown', 0, 10],
      ['recorded', 10, 20],
      ['disconnected', 20, 24],
      ['unreachable', 24, 30],
      ['recorded', 30, 50],
      ['ahead', 50, 60],
    ]);
  });

  it('cuts at its ends', () => {
    expect(inMinutes(12, 15)).toEqual([['recorded', 12, 15]]);
    expect(inMinutes(22, 28)).toEqual([
      ['disconnected', 22, 24],
      ['unreachable', 24, 28],
    ]);
    expect(inMinutes(55, 60)).toEqual([['ahead', 55, 60]]);
    expect(inMinutes(10, 10)).toEqual([]);
  });

  it('takes the seconds that are on their way to the disk for no gap', () => {
    const asked = { ...times, askedMs: 50 * MINUTE + 6_000 };
    expect(inMinutes(40, 60, asked)).toEqual([
      ['recorded', 40, 50],
      ['ahead', 50, 60],
    ]);
    // The next hour has begun, and nothing of it is on the disk yet.
    expect(inMinutes(50, 60, asked)).toEqual([['ahead', 50, 60]]);
  });

  it('takes a longer absence for one, with or without a reason', () => {
    const late = { ...times, askedMs: 52 * MINUTE };
    expect(inMinutes(40, 60, late)).toEqual([
      ['recorded', 40, 50],
      ['unknown', 50, 52],
      ['ahead', 52, 60],
    ]);
    const open = { fromMs: 50 * MINUTE, toMs: Infinity, reason: 'unreachable' as const };
    expect(inMinutes(40, 60, { ...late, gaps: [...late.gaps, open] })).toEqual([
      ['recorded', 40, 50],
      ['unreachable', 50, 52],
      ['ahead', 52, 60],
    ]);
  });

  it('believes footage more than a gap over it', () => {
    const over = { fromMs: 5 * MINUTE, toMs: 35 * MINUTE, reason: 'server-crashed' as const };
    expect(inMinutes(0, 40, { ...times, gaps: [over] })).toEqual([
      ['unknown', 0, 5],
      ['server-crashed', 5, 10],
      ['recorded', 10, 20],
      ['server-crashed', 20, 30],
      ['recorded', 30, 40],
    ]);
  });

  it('has a word for a camera without any footage', () => {
    expect(inMinutes(0, 60, { ranges: [], gaps: [], askedMs: 30 * MINUTE })).toEqual([
      ['unknown', 0, 30],
      ['ahead', 30, 60],
    ]);
  });
});

describe('what the stretches are asked', () => {
  const hour = stretchesBetween(times, 0, 60 * MINUTE);

  it('how much was recorded', () => {
    expect(recordedMs(hour)).toBe(30 * MINUTE);
  });

  it('what is at a moment', () => {
    expect(stretchAt(hour, 20 * MINUTE)).toMatchObject({ reason: 'disconnected' });
    expect(stretchAt(hour, 20 * MINUTE - 1)).toMatchObject({ kind: 'recorded' });
    expect(stretchAt(hour, 60 * MINUTE)).toBeUndefined();
  });

  it('where footage goes on', () => {
    expect(nextRecorded(times, 0)).toBe(10 * MINUTE);
    expect(nextRecorded(times, 12 * MINUTE)).toBe(12 * MINUTE);
    expect(nextRecorded(times, 20 * MINUTE)).toBe(30 * MINUTE);
    expect(nextRecorded(times, 50 * MINUTE)).toBeUndefined();
  });
});

it('recordedTimes reads the answer of the box', () => {
  const answer = {
    ranges: [{ from: '1970-01-01T00:00:01Z', to: '1970-01-01T00:00:02.5Z' }],
    gaps: [{ from: '1970-01-01T00:00:02.5Z', to: null, reason: 'disabled' as const }],
  };
  expect(recordedTimes(answer, 3_000)).toEqual({
    ranges: [{ fromMs: 1_000, toMs: 2_500 }],
    gaps: [{ fromMs: 2_500, toMs: Infinity, reason: 'disabled' }],
    askedMs: 3_000,
  });
});

it('isUncertain says whether somebody vouched for the time of what was recorded', () => {
  const answer = {
    ranges: [{ from: '1970-01-01T00:00:01Z', to: '1970-01-01T00:00:09Z' }],
    gaps: [],
    uncertain: [{ from: '1970-01-01T00:00:02Z', to: '1970-01-01T00:00:04Z' }],
  };
  const read = recordedTimes(answer, 9_000);
  expect(isUncertain(read, 1_000, 2_000)).toBe(false);
  expect(isUncertain(read, 1_000, 2_001)).toBe(true);
  expect(isUncertain(read, 4_000, 9_000)).toBe(false);
  expect(isUncertain(times, 0, 1e9)).toBe(false);
});
