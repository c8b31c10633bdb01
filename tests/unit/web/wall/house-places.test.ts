/** The drawing of the house: everything inside, nothing over anything else, whatever there is to draw. */
import { describe, expect, it } from 'vitest';
import {
  drawHouse,
  ROWS_MAX,
  type House,
  type HouseParts,
  type PlacedText,
} from '../../../../web/components/house-places.ts';

/** As wide as letters of the system font are, with figures of equal width. */
const CHAR = { name: 8.2, more: 6.8, refused: 6.8, door: 6.8 };
const LINE = 15;

const WIDTHS = [320, 608];

const COUNTS = [0, 1, 2, 3, 9, 15, 16, 17, 60];

function parts(count: number, more: Partial<HouseParts> = {}): HouseParts {
  return {
    rows: Array.from({ length: count }, (_, index) => ({
      name: `The one above the old gate behind the shed ${String(index)}`,
      address: 'fd12:3456:789a:bcde:1234:5678:9abc:def0',
      last: 'spoken to yesterday 14:02',
    })),
    ...{ refused: [], doors: [] },
    ...more,
  };
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function areaOf({ text, x, y, anchor, kind }: PlacedText): Area {
  const wide = Array.from(text).length * CHAR[kind];
  const left = anchor === 'start' ? x : x - wide;
  return { left, right: left + wide, top: y - LINE + 4, bottom: y + 3 };
}

const touch = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function overlaps({ texts }: House): string[] {
  return texts.flatMap((one, index) =>
    texts
      .slice(index + 1)
      .filter((other) => touch(areaOf(one), areaOf(other)))
      .map((other) => `${one.text} lies on ${other.text}`),
  );
}

function beyond({ texts, width, height }: House): string[] {
  return texts
    .filter((text) => {
      const { left, right, top, bottom } = areaOf(text);
      return left < 0 || right > width + 0.5 || top < 0 || bottom > height;
    })
    .map(({ text }) => text);
}

const all = parts(0, {
  refused: Array.from(
    { length: 7 },
    (_, at) => `203.0.113.${String(at)}, tried by Porch, on Monday`,
  ),
  doors: Array.from({ length: 5 }, (_, at) => `Home Assistant ${String(at)}: pictures of Porch`),
});

describe.each(WIDTHS)('the house, %i wide', (width) => {
  it.each(COUNTS)('has room for %i', (count) => {
    const house = drawHouse({ ...all, rows: parts(count).rows }, width);
    expect(overlaps(house)).toEqual([]);
    expect(beyond(house)).toEqual([]);
    expect(house.dots).toHaveLength(Math.min(count, ROWS_MAX));
    const names = house.texts.filter(({ kind }) => kind === 'name').map(({ text }) => text);
    expect(names).toHaveLength(Math.min(count, ROWS_MAX));
    if (count > ROWS_MAX) expect(names.at(-1)).toBe(`and ${String(count - ROWS_MAX + 1)} more`);
  });

  it('stops what was refused inside the wall, and lets pictures out through a gap', () => {
    const house = drawHouse(all, width);
    const { height } = house;
    const stops = house.lines.filter(({ kind }) => kind === 'refused');
    expect(stops).toHaveLength(4);
    const wallBottom = Math.max(
      ...[...house.wall.matchAll(/V([\d.]+)/g)].map((found) => Number(found[1])),
    );
    for (const { path } of stops) {
      const end = Number(/V([\d.]+)/.exec(path)?.[1]);
      // The straight side of the wall ends a corner before its lower edge.
      expect(end).toBeLessThan(wallBottom + 24);
      expect(end).toBeLessThan(height);
    }
    // A ring of one piece, and of one more with each door.
    expect(house.wall.match(/M/g)).toHaveLength(1 + 3);
    expect(drawHouse(parts(3), width).wall.match(/M/g)).toHaveLength(1);
  });

  it('lets lines of refusals and doors cross no line to a camera', () => {
    const house = drawHouse({ ...all, rows: parts(16).rows }, width);
    const { box } = house;
    const upright = house.lines
      .filter(({ kind }) => kind === 'refused' || kind === 'door')
      .map(({ path }) => Number(/^M([\d.]+),/.exec(path)?.[1]));
    for (const x of upright) {
      expect(x).toBeGreaterThan(box.x);
      expect(x).toBeLessThan(box.x + box.size);
    }
  });
});

describe('names', () => {
  it('that are short stand as they are', () => {
    const rows = [{ name: 'Front door', address: '192.168.178.123', last: 'now' }];
    for (const width of WIDTHS) {
      const said = drawHouse({ rows, refused: [], doors: [] }, width).texts.map(({ text }) => text);
      expect(said).toEqual(['Front door', '192.168.178.123', 'now']);
    }
  });
});
