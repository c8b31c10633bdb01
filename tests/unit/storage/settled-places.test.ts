import { describe, expect, it } from 'vitest';
import {
  settledInstant,
  settledPlaces,
  type UnsettledRun,
} from '../../../server/storage/settled-places.ts';

/** A run of this boot that is to be moved by `exactByMs`. */
function known(fromMs: number, toMs: number, exactByMs: number): UnsettledRun {
  return { fromMs, toMs, bootId: 'now', exactByMs };
}

/** A run of a boot that is over. */
function lost(fromMs: number, toMs: number, bootId = 'then'): UnsettledRun {
  return { fromMs, toMs, bootId, exactByMs: undefined };
}

function shifts(runs: readonly UnsettledRun[], floorMs: number, nowMs: number): number[] {
  return settledPlaces(runs, { floorMs, nowMs }).map(({ byMs }) => byMs);
}

describe('runs of this boot', () => {
  it('go where their uptime says, in either direction', () => {
    const runs = [known(0, 10, 1_000), known(20, 30, 1_000)];
    expect(settledPlaces(runs, { floorMs: -Infinity, nowMs: 2_000 })).toEqual([
      { byMs: 1_000, certain: true },
      { byMs: 1_000, certain: true },
    ]);
    expect(shifts([known(5_000, 5_010, -4_000)], 0, 2_000)).toEqual([-4_000]);
  });

  it('close ranks where oscillators differ', () => {
    expect(shifts([known(0, 10, 100), known(10, 20, 97)], 0, 1_000)).toEqual([97, 97]);
  });

  it('never go over certain footage; too far from their uptime they stay marked', () => {
    expect(settledPlaces([known(0, 10, -500)], { floorMs: 0, nowMs: 50 })).toEqual([
      { byMs: 0, certain: true },
    ]);
    const [place] = settledPlaces([known(0, 10, -60_000)], { floorMs: 0, nowMs: 50 });
    expect(place).toEqual({ byMs: 0, certain: false });
  });
});

describe('runs of a boot that is over', () => {
  it('stay where they are while that can be', () => {
    expect(shifts([lost(10, 20), lost(30, 40)], 0, 100)).toEqual([0, 0]);
  });

  it('come back from the future together, and keep their distance', () => {
    expect(shifts([lost(1_000, 1_010), lost(1_020, 1_030)], 0, 100)).toEqual([-930, -930]);
  });

  it('end before what follows them', () => {
    const runs = [lost(1_000, 1_010), known(2_000, 2_010, -1_950)];
    expect(shifts(runs, 0, 70)).toEqual([-960, -1_950]);
  });

  it('of two boots move each by its own', () => {
    const runs = [lost(0, 10, 'first'), lost(1_000, 1_010, 'second')];
    expect(shifts(runs, 0, 100)).toEqual([0, -910]);
  });

  it('go beyond now rather than over certain footage, where there is no room', () => {
    expect(shifts([lost(1_000, 1_080), lost(1_090, 1_150)], 50, 100)).toEqual([-950, -960]);
  });
});

describe('an instant of a gap', () => {
  const limits = { floorMs: 0, nowMs: 1_000 };
  const runs = [
    { ...known(100, 200, -50), byMs: -50, certain: true },
    { ...known(300, 400, 100), byMs: 100, certain: true },
  ];

  it.each([
    ['before all of them', 20, 20],
    ['before all of them, where the first one comes to lie', 90, 50],
    ['where a run ends', 200, 150],
    ['between two', 260, 210],
    ['where a run begins', 300, 400],
    ['behind the last', 450, 550],
    ['behind the last, later than now', 2_000, 1_000],
  ])('%s', (_where, atMs, expected) => {
    expect(settledInstant(atMs, runs, limits)).toBe(expected);
  });

  it('is never earlier than what it follows', () => {
    const moved = [{ ...known(100, 200, 900), byMs: 900, certain: true }];
    expect(settledInstant(250, moved, { floorMs: 0, nowMs: 1_050 })).toBe(1_100);
  });
});
