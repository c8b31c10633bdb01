/** Rule 1 of the experience: pictures are shown as large as the room allows. */
import { describe, expect, it } from 'vitest';
import {
  LEAST_PICTURE_HEIGHT,
  packWall,
  placeRows,
  ratiosByRow,
  stackWall,
  type WallRoom,
  type WallRow,
} from '../../../../web/components/wall-packing.ts';

const WIDE = 16 / 9;
const OLD = 4 / 3;
const TALL = 3 / 4;

const desktop: WallRoom = { width: 1280, height: 752, gap: 8, strip: 0 };

/** Rooms of real screens: below the top bar, with and without a strip under each picture. */
const ROOMS: readonly (readonly [string, WallRoom])[] = [
  ['a laptop', desktop],
  ['a laptop, with strips', { ...desktop, strip: 44 }],
  ['a large screen', { ...desktop, width: 2560, height: 1392 }],
  ['a square window', { ...desktop, width: 900, height: 900 }],
  ['a tablet held upright', { ...desktop, width: 820, height: 1132, strip: 44 }],
  ['a phone on its side', { ...desktop, width: 844, height: 342 }],
];

const HOUSEHOLDS: readonly (readonly [string, readonly number[]])[] = [
  ['one wide', [WIDE]],
  ['one tall', [TALL]],
  ['two wide', [WIDE, WIDE]],
  ['a wide and a tall', [WIDE, TALL]],
  ['four wide', [WIDE, WIDE, WIDE, WIDE]],
  ['four mixed', [TALL, WIDE, OLD, WIDE]],
  ['six wide', Array.from({ length: 6 }, () => WIDE)],
  ['six mixed', [WIDE, TALL, OLD, TALL, WIDE, OLD]],
  ['nine wide', Array.from({ length: 9 }, () => WIDE)],
  ['nine mixed', [TALL, TALL, WIDE, OLD, WIDE, WIDE, TALL, OLD, WIDE]],
];

/** Areas of the pictures when each stands as large as it can in a cell of a grid of `columns`. */
function gridAreas(ratios: readonly number[], columns: number, room: WallRoom): number[] {
  const rows = Math.ceil(ratios.length / columns);
  const width = (room.width - (columns - 1) * room.gap) / columns;
  const height = (room.height - (rows - 1) * room.gap) / rows - room.strip;
  return ratios.map((ratio) => Math.max(0, Math.min(height, width / ratio)) ** 2 * ratio);
}

function rowsWithRatios(
  ratios: readonly number[],
  rows: readonly WallRow[],
): readonly { readonly height: number; readonly ratios: readonly number[] }[] {
  const split = ratiosByRow(
    ratios,
    rows.map(({ count }) => count),
  );
  return rows.map(({ height }, index) => ({ height, ratios: split[index] ?? [] }));
}

function shownAreas(ratios: readonly number[], rows: readonly WallRow[]): number[] {
  return rowsWithRatios(ratios, rows).flatMap((row) =>
    row.ratios.map((ratio) => ratio * row.height ** 2),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('packWall', () => {
  const cases = ROOMS.flatMap(([roomName, room]) =>
    HOUSEHOLDS.map(([name, ratios]) => [name, roomName, ratios, room] as const),
  );

  it.each(cases)('shows %s on %s as large as any grid does', (_name, _roomName, ratios, room) => {
    const shown = shownAreas(ratios, packWall(ratios, room));
    const grids = ratios.map((_, index) => gridAreas(ratios, index + 1, room));
    // "No other column count shows them more than 5 % larger" (experience, rule 1).
    expect(Math.max(...grids.map(mean))).toBeLessThanOrEqual(mean(shown) * 1.05);
  });

  it.each(cases)('keeps %s within %s', (_name, _roomName, ratios, room) => {
    const rows = packWall(ratios, room);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(ratios.length);
    for (const row of rowsWithRatios(ratios, rows)) {
      const width =
        row.ratios.reduce((sum, ratio) => sum + ratio * row.height, 0) +
        (row.ratios.length - 1) * room.gap;
      expect(width).toBeLessThanOrEqual(room.width + 0.01);
    }
    const height =
      rows.reduce((sum, row) => sum + row.height + room.strip, 0) + (rows.length - 1) * room.gap;
    expect(height).toBeLessThanOrEqual(room.height + 0.01);
  });

  it('fills a laptop with what fits it', () => {
    expect(packWall([WIDE], desktop)).toEqual([{ count: 1, height: 720 }]);
    expect(packWall([WIDE, WIDE, WIDE, WIDE], desktop)).toEqual([
      { count: 2, height: 357.75 },
      { count: 2, height: 357.75 },
    ]);
  });

  it('gives the larger row to the first cameras, and no picture the room of all others', () => {
    const five = Array.from({ length: 5 }, () => WIDE);
    const rows = packWall(five, desktop);
    expect(rows.map(({ count }) => count)).toEqual([2, 3]);
    expect(rows[0]?.height).toBeGreaterThan(rows[1]?.height ?? 0);
    const areas = shownAreas(five, rows);
    expect(Math.max(...areas)).toBeLessThan(3 * Math.min(...areas));
  });

  it('shows no picture too small to see anybody: it scrolls', () => {
    const many = Array.from({ length: 40 }, () => WIDE);
    const phone: WallRoom = { width: 844, height: 342, gap: 8, strip: 0 };
    const rows = packWall(many, phone);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(40);
    expect(Math.min(...rows.map(({ height }) => height))).toBeGreaterThanOrEqual(
      LEAST_PICTURE_HEIGHT,
    );
    const heights = new Set(rows.map(({ height }) => Math.round(height)));
    expect(heights.size).toBe(1);
  });

  it('has nothing to say about no camera, and survives no room', () => {
    expect(packWall([], desktop)).toEqual([]);
    const rows = packWall([WIDE, WIDE], { width: 0, height: 0, gap: 8, strip: 44 });
    expect(rows.every(({ height }) => Number.isFinite(height) && height >= 0)).toBe(true);
  });
});

describe('stackWall', () => {
  it('gives each picture the whole width', () => {
    const room: WallRoom = { width: 390, height: 700, gap: 8, strip: 44 };
    expect(stackWall([WIDE, TALL], room)).toEqual([
      { count: 1, height: 390 / WIDE },
      { count: 1, height: 520 },
    ]);
  });
});

describe('placeRows', () => {
  it('puts rows in the middle, in the household’s order', () => {
    const room: WallRoom = { width: 1000, height: 600, gap: 8, strip: 32 };
    const rows: WallRow[] = [
      { count: 2, height: 180 },
      { count: 1, height: 270 },
    ];
    const { places, bottom } = placeRows([WIDE, WIDE, WIDE], rows, room);
    expect(bottom).toBe(39 + 180 + 32 + 8 + 270 + 32);
    expect(places).toEqual([
      { left: 176, top: 39, width: 320, height: 180 },
      { left: 504, top: 39, width: 320, height: 180 },
      { left: 260, top: 259, width: 480, height: 270 },
    ]);
  });

  it('begins at the top when there is more than the room', () => {
    const room: WallRoom = { width: 390, height: 300, gap: 4, strip: 32 };
    const { places, bottom } = placeRows([WIDE, TALL], stackWall([WIDE, TALL], room), room);
    expect(places[0]).toEqual({ left: 0, top: 0, width: 390, height: 219 });
    expect(places[1]).toEqual({ left: 0, top: 255, width: 390, height: 520 });
    expect(bottom).toBe(255 + 520 + 32);
  });

  it('has no height without cameras', () => {
    expect(placeRows([], [], desktop)).toEqual({ places: [], bottom: 0 });
  });
});
