import { describe, expect, it } from 'vitest';
import { LabelsGiven, LEAD_MAX_MS } from '../../../server/recorder/labels-given.ts';
import type { MediaPart } from '../../../server/recorder/part-assembler.ts';
import { madeRun } from '../../fixtures/made-media.ts';

function part(startMs: number, endMs: number): MediaPart {
  return {
    ...{ video: [], audio: [], key: true, startMs, endMs },
    ...{ sizeBytes: 1, frames: 1, longestGopMs: undefined },
  };
}

/** A run that began at that monotonic time, whatever the wall clock said. */
function runAt(atMs: number) {
  return madeRun(9e12, atMs);
}

describe('labels given out', () => {
  it('let the first run begin, and every part of a run follow', () => {
    const given = new LabelsGiven();
    const run = runAt(1_000);
    expect(given.hasRoom(run, part(0, 2_000))).toBe(true);
    given.gave(run, part(0, 2_000));
    // Media that lasts longer than the clock says: the run itself is never cut.
    expect(given.hasRoom(run, part(900_000, 902_000))).toBe(true);
  });

  it('let the next run begin up to 10 s early, and add that up', () => {
    const given = new LabelsGiven();
    const first = runAt(0);
    given.gave(first, part(0, LEAD_MAX_MS + 5_000));
    const second = runAt(5_000);
    expect(given.hasRoom(second, part(0, 8_000))).toBe(true);
    given.gave(second, part(0, 8_000));
    // It was moved by 10 s, so it ends 10 s later than it says.
    expect(given.hasRoom(runAt(12_999), part(0, 1_000))).toBe(false);
    const third = new LabelsGiven();
    third.gave(first, part(0, LEAD_MAX_MS));
    expect(third.hasRoom(runAt(0), part(0, 1_000))).toBe(true);
    expect(third.hasRoom(runAt(-1), part(0, 1_000))).toBe(false);
  });

  it('wait, once they wait, until the clock is past them by what makes a gap', () => {
    const given = new LabelsGiven();
    given.gave(runAt(0), part(0, 20_000));
    const late = runAt(5_000);
    expect(given.hasRoom(late, part(0, 1_000))).toBe(false);
    expect(given.hasRoom(late, part(10_000, 11_000))).toBe(false);
    expect(given.hasRoom(late, part(15_100, 16_000))).toBe(false);
    expect(given.hasRoom(late, part(15_200, 16_000))).toBe(true);
  });

  it('forget a lead when the camera was away for as long', () => {
    const given = new LabelsGiven();
    given.gave(runAt(0), part(0, 9_000));
    const later = runAt(60_000);
    expect(given.hasRoom(later, part(0, 1_000))).toBe(true);
    given.gave(later, part(0, 1_000));
    expect(given.hasRoom(runAt(61_000 - LEAD_MAX_MS), part(0, 1_000))).toBe(true);
  });
});
