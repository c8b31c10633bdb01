/** The scene without a picture: who is there when, by the time and the seed alone. */
import { describe, expect, it } from 'vitest';
import {
  daylightAt,
  momentsOf,
  sceneAt,
  type SceneSettings,
  SLOT_MS,
  type Visit,
  visitMs,
  visitsAround,
} from '../../../doubles/doorbell/scene.ts';
import { GARAGE } from '../../../doubles/doorbell/scenery/garage.ts';
import { GARDEN } from '../../../doubles/doorbell/scenery/garden.ts';
import { PORCH } from '../../../doubles/doorbell/scenery/porch.ts';

const NOON_MS = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;
const quiet: SceneSettings = {
  ...{ routes: PORCH.routes, seed: 7, liveliness: 0, utcOffsetMs: 0, light: 'clock' },
};

function visitAt(kind: Visit['kind'], startMs = NOON_MS): Visit {
  return { kind, startMs, who: 0 };
}

describe('a visit', () => {
  it.each([
    ['porch', PORCH],
    ['garden', GARDEN],
    ['garage', GARAGE],
  ] as const)(
    'begins and ends with nobody at the %s, and comes near in between',
    (_name, place) => {
      const settings = { ...quiet, routes: place.routes };
      for (const kind of ['visitor', 'courier', 'dog'] as const) {
        const visit = visitAt(kind);
        const at = (ms: number) => sceneAt(NOON_MS + ms, settings, [visit]).actors;
        const lasts = visitMs(kind, place.routes);
        expect(at(-1)).toEqual([]);
        expect(at(lasts + 1)).toEqual([]);
        const { arriveMs } = momentsOf(visit, place.routes);
        const [waiting] = at(arriveMs - NOON_MS + 500);
        expect(waiting).toMatchObject({ kind, heading: 'towards' });
        expect(waiting!.stoppedS).toBeCloseTo(0.5, 2);
        const distances = Array.from({ length: 40 }, (_, step) => at((lasts * step) / 40)[0]!.z);
        expect(Math.min(...distances)).toBeCloseTo(waiting!.z, 5);
      }
    },
  );

  it('moves at the pace of a walk, without a jump', () => {
    const visit = visitAt('visitor');
    const steps = Array.from(
      { length: 300 },
      (_, step) => sceneAt(NOON_MS + step * 66, quiet, [visit]).actors[0]!,
    );
    for (const [index, actor] of steps.slice(1).entries()) {
      const before = steps[index]!;
      const moved = Math.hypot(actor.x - before.x, actor.z - before.z);
      expect(moved).toBeLessThan(0.1);
      expect(actor.walkedM).toBeGreaterThanOrEqual(before.walkedM);
    }
  });

  it('of a courier leaves a parcel, which somebody takes in', () => {
    const visit = visitAt('courier');
    const { downMs } = momentsOf(visit, PORCH.routes);
    const at = (ms: number) => sceneAt(downMs! + ms, quiet, [visit]);
    expect(at(-1)).toMatchObject({ parcel: undefined, actors: [{ carrying: true }] });
    expect(at(1)).toMatchObject({ parcel: PORCH.routes.parcel, actors: [{ carrying: false }] });
    expect(at(60_000)).toMatchObject({ parcel: PORCH.routes.parcel, actors: [] });
    expect(at(120_000).parcel).toBeUndefined();
  });

  it('says when the bell was pressed and when the dog barked', () => {
    const visits = [visitAt('visitor'), visitAt('dog')];
    const { pressMs } = momentsOf(visits[0]!, PORCH.routes);
    const { barksMs } = momentsOf(visits[1]!, PORCH.routes);
    expect(sceneAt(pressMs! - 1, quiet, visits).pressedMs).toBeUndefined();
    expect(sceneAt(pressMs! + 500, quiet, visits).pressedMs).toBe(pressMs);
    expect(sceneAt(barksMs[1]! + 9, quiet, visits).barkedMs).toBe(barksMs[1]);
  });
});

describe('visits that come unasked', () => {
  const lively = { ...quiet, liveliness: 1 };
  const hour = (settings: SceneSettings): Visit[] =>
    Array.from({ length: 72 }, (_, slot) =>
      visitsAround(NOON_MS + slot * SLOT_MS, settings).at(-1)!,
    );

  it('are the same for the same seed and others for another', () => {
    expect(hour(lively)).toEqual(hour(lively));
    expect(hour(lively)).not.toEqual(hour({ ...lively, seed: 8 }));
  });

  it('are as many as the place is lively, of each kind', () => {
    expect(visitsAround(NOON_MS, quiet)).toEqual([]);
    expect(new Set(hour(lively).map(({ kind }) => kind))).toEqual(
      new Set(['visitor', 'courier', 'dog']),
    );
    const half = Array.from({ length: 400 }, (_, slot) => {
      const [visit] = visitsAround(NOON_MS + slot * SLOT_MS, { ...quiet, liveliness: 0.5 }).slice(
        -1,
      );
      return visit !== undefined && visit.startMs >= NOON_MS + slot * SLOT_MS ? 1 : 0;
    }).reduce<number>((sum, one) => sum + one, 0);
    expect(half / 400).toBeGreaterThan(0.4);
    expect(half / 400).toBeLessThan(0.6);
  });
});

describe('daylight', () => {
  it.each([
    [3, 0],
    [7, 0.5],
    [12, 1],
    [18, 0.5],
    [22, 0],
  ])('at %d o’clock is %d', (hour, share) => {
    expect(daylightAt(NOON_MS + (hour - 12) * HOUR_MS)).toBe(share);
  });

  it('goes by the clock of the place, unless it is fixed', () => {
    expect(sceneAt(NOON_MS, { ...quiet, utcOffsetMs: 12 * HOUR_MS }).daylight).toBe(0);
    expect(sceneAt(NOON_MS, { ...quiet, light: 'night' }).daylight).toBe(0);
    expect(sceneAt(NOON_MS + 12 * HOUR_MS, { ...quiet, light: 'day' }).daylight).toBe(1);
  });
});
