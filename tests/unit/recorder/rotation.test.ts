import { describe, expect, it } from 'vitest';
import { placePart, type RotationState } from '../../../server/recorder/rotation.ts';

const part = (changes: Partial<RotationState>): RotationState => ({
  segmentMs: 0,
  partMs: 2_000,
  key: true,
  longestGopMs: 2_000,
  outdated: false,
  ...changes,
});

describe('placePart', () => {
  it('begins a segment at a key frame only', () => {
    expect(placePart(part({ segmentMs: undefined }))).toBe('rotate');
    expect(placePart(part({ segmentMs: undefined, key: false }))).toBe('stop');
  });

  it.each([
    // GOP, last length at which a key frame still appends
    [500, 56_000],
    [1_000, 56_000],
    [2_000, 56_000],
    [4_000, 52_000],
    [10_000, 40_000],
    [15_000, 30_000],
    [29_000, 30_000],
    [undefined, 30_000],
  ])('with a GOP of %s ms appends up to %s ms', (longestGopMs, lastMs) => {
    expect(placePart(part({ longestGopMs, segmentMs: lastMs }))).toBe('append');
    expect(placePart(part({ longestGopMs, segmentMs: lastMs + 1 }))).toBe('rotate');
    expect(placePart(part({ longestGopMs, segmentMs: lastMs + 1, key: false }))).toBe('append');
  });

  it('begins another one at the first key frame after a new key of the household', () => {
    expect(placePart(part({ segmentMs: 2_000, outdated: true }))).toBe('rotate');
    expect(placePart(part({ segmentMs: 2_000, outdated: true, key: false }))).toBe('append');
  });

  it('stops where no key frame came within 60 s', () => {
    expect(placePart(part({ segmentMs: 58_000, key: false }))).toBe('append');
    expect(placePart(part({ segmentMs: 58_001, key: false }))).toBe('stop');
    expect(placePart(part({ segmentMs: 58_001 }))).toBe('rotate');
    // One part that is too long by itself finds a place of its own only at a key frame.
    expect(placePart(part({ segmentMs: 100, partMs: 61_000 }))).toBe('rotate');
  });
});
