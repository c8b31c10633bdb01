import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../../web/player/live-arrivals.ts';

const VIDEO = 1;
const AUDIO = 2;
const FRAME_MS = 100;
/** What the box's clock shows when the page's shows 0: hours apart. */
const BOX_MS = 7_200_000;

/** Pictures that arrive as they end, `lateMs(n)` later. */
function pictures(count: number, lateMs: (index: number) => number = () => 0): Arrivals {
  const arrivals = new Arrivals(VIDEO);
  for (let index = 0; index < count; index += 1) {
    const endMs = BOX_MS + (index + 1) * FRAME_MS;
    const atMs = endMs - BOX_MS + lateMs(index);
    arrivals.add({ trackId: VIDEO, endMs, durationMs: FRAME_MS }, atMs);
  }
  return arrivals;
}

describe('the box’s clock', () => {
  it('is not known before a picture came', () => {
    expect(new Arrivals(VIDEO).offsetMs).toBeUndefined();
  });

  it('is told by those that were not late, whatever the browser’s own clock shows', () => {
    const arrivals = pictures(50, (index) => (index % 7 === 0 ? 0 : 80));
    expect(arrivals.offsetMs).toBeCloseTo(BOX_MS, 0);
  });

  it('is told by the newest of what comes all at once', () => {
    const arrivals = new Arrivals(VIDEO);
    for (let index = 1; index <= 20; index += 1) {
      arrivals.add({ trackId: VIDEO, endMs: index * FRAME_MS, durationMs: FRAME_MS }, 5_000);
    }
    expect(arrivals.offsetMs).toBeCloseTo(2_000 - 5_000, 0);
  });

  it('goes on being known when everything is late for minutes', () => {
    const arrivals = pictures(2_000, (index) => (index < 100 ? 0 : 4_000));
    // 190 s at 100 parts in a million.
    expect(arrivals.offsetMs).toBeGreaterThan(BOX_MS - 25);
  });

  it('follows a quartz that runs away', () => {
    const arrivals = pictures(60_000, (index) => index * FRAME_MS * 50e-6);
    expect(arrivals.offsetMs).toBeCloseTo(BOX_MS - 60_000 * FRAME_MS * 50e-6, 0);
  });

  it('is not told by sound, which may be ahead of the picture', () => {
    const arrivals = pictures(5);
    arrivals.add({ trackId: AUDIO, endMs: BOX_MS + 9_000, durationMs: 100 }, 500);
    expect(arrivals.offsetMs).toBeCloseTo(BOX_MS, 0);
  });
});

describe('the need', () => {
  it('is not known from a few', () => {
    expect(pictures(4).needMs(400, 0)).toBeUndefined();
  });

  it('is one picture when all come in time', () => {
    expect(pictures(100).needMs(10_000, 0)).toBeCloseTo(FRAME_MS, 0);
  });

  it('grows by what the latest were late, unless so many may be', () => {
    const arrivals = pictures(100, (index) => (index % 50 === 25 ? 60 : 0));
    expect(arrivals.needMs(10_000, 0)).toBeCloseTo(FRAME_MS + 60, 0);
    expect(arrivals.needMs(10_000, 0.05)).toBeCloseTo(FRAME_MS, 0);
  });

  it('forgets after ten seconds', () => {
    const arrivals = pictures(300, (index) => (index < 100 ? 300 * (index % 2) : 0));
    expect(arrivals.needMs(30_000, 0)).toBeCloseTo(FRAME_MS, 0);
  });

  it('counts the longer rhythm of the sound', () => {
    const arrivals = pictures(20);
    for (let index = 1; index < 10; index += 1) {
      const endMs = BOX_MS + index * 250;
      arrivals.add({ trackId: AUDIO, endMs, durationMs: 250 }, index * 250 + 20);
    }
    expect(arrivals.needMs(2_000, 0)).toBeCloseTo(270, 0);
  });

  it('says nothing of what came all at once', () => {
    const arrivals = new Arrivals(VIDEO);
    for (let index = 1; index <= 20; index += 1) {
      arrivals.add({ trackId: VIDEO, endMs: index * FRAME_MS, durationMs: FRAME_MS }, 5_000);
    }
    for (let index = 21; index <= 40; index += 1) {
      const atMs = 5_000 + (index - 20) * FRAME_MS;
      arrivals.add({ trackId: VIDEO, endMs: index * FRAME_MS, durationMs: FRAME_MS }, atMs);
    }
    expect(arrivals.needMs(7_000, 0)).toBeCloseTo(FRAME_MS, 0);
  });
});
