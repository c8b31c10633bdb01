import { describe, expect, it } from 'vitest';
import { PlaybackTimeline } from '../../../../web/player/playback-timeline.ts';

const T0 = Date.UTC(2026, 0, 1, 12);

/** Ten seconds, a hole of a minute, five seconds; the player's time has no hole. */
function timeline(): PlaybackTimeline {
  return new PlaybackTimeline([
    { fromMs: T0, toMs: T0 + 10_000, anchorMs: T0, firstEntry: 0, startS: 0 },
    { fromMs: T0 + 70_000, toMs: T0 + 75_000, anchorMs: T0, firstEntry: 5, startS: 10 },
  ]);
}

describe('where a moment is played', () => {
  it.each([
    ['inside a stretch', 4_000, { stretch: 0, atMs: 4_000, mediaS: 4 }],
    ['at its last moment', 9_999, { stretch: 0, atMs: 9_999, mediaS: 9.999 }],
    ['in a hole: at the end of it', 30_000, { stretch: 1, atMs: 70_000, mediaS: 10 }],
    ['in the next stretch', 72_500, { stretch: 1, atMs: 72_500, mediaS: 12.5 }],
    ['before all: at the beginning', -1_000, { stretch: 0, atMs: 0, mediaS: 0 }],
  ])('%s', (_where, atMs, { stretch, atMs: foundMs, mediaS }) => {
    expect(timeline().placeOf(T0 + atMs)).toEqual({ stretch, epochMs: T0 + foundMs, mediaS });
  });

  it('behind all: nowhere', () => {
    expect(timeline().placeOf(T0 + 75_000)).toBeUndefined();
  });
});

describe('which moment is shown', () => {
  it.each([
    [0, 0],
    [9.5, 9_500],
    [10, 70_000],
    [14.999, 74_999],
    // Players overshoot their end, and seek to a little before their beginning.
    [16, 75_000],
    [-0.1, 0],
    // A seek to 10 s may say 9.9999999 afterwards: that is the second stretch already.
    [9.999_999_9, 70_000],
  ])('at %s s of the player', (mediaS, atMs) => {
    expect(timeline().at(mediaS).epochMs).toBeCloseTo(T0 + atMs, 3);
  });

  it('is the inverse of where it is played', () => {
    const line = timeline();
    for (let atMs = 0; atMs < 75_000; atMs += 333) {
      const place = line.placeOf(T0 + atMs)!;
      expect(line.at(place.mediaS)).toEqual(place);
    }
  });
});

it('moves with what a player finds in the media', () => {
  const line = timeline();
  line.align(1, 10.25);
  line.align(7, 3);
  expect(line.startOf(1)).toBe(10.25);
  expect(line.placeOf(T0 + 71_000)).toMatchObject({ stretch: 1, mediaS: 11.25 });
  expect(line.at(10.2)).toMatchObject({ stretch: 0, epochMs: T0 + 10_000 });
  expect(line.at(10.25)).toMatchObject({ stretch: 1, epochMs: T0 + 70_000 });
});

it('knows its ends, and that nothing has none', () => {
  expect([timeline().fromMs, timeline().toMs]).toEqual([T0, T0 + 75_000]);
  const empty = new PlaybackTimeline([]);
  expect([empty.fromMs, empty.toMs, empty.startOf(0)]).toEqual([0, 0, 0]);
  expect(empty.at(3)).toEqual({ stretch: 0, epochMs: 0, mediaS: 3 });
  expect(empty.placeOf(3)).toBeUndefined();
});
