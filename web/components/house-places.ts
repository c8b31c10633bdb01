/**
 * Where the parts of the drawing of the house stand: the wall as a ring, the box inside, a line to each camera;
 * what was refused stops at the wall, what gets pictures outside goes through a door. Pure.
 */

/** A row inside the house. */
export interface HouseRow {
  readonly name: string;
  readonly address: string;
  readonly last: string;
}

/** What is to be drawn, the most important first. */
export interface HouseParts {
  readonly rows: readonly HouseRow[];
  readonly refused: readonly string[];
  readonly doors: readonly string[];
}

/** A line of text. */
export interface PlacedText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
  readonly kind: 'name' | 'more' | 'refused' | 'door';
}

/** See the head of this file. Lines and wall are paths of SVG. */
export interface House {
  readonly width: number;
  readonly height: number;
  readonly wall: string;
  readonly box: { readonly x: number; readonly y: number; readonly size: number };
  readonly lines: readonly {
    readonly path: string;
    readonly kind: 'row' | 'refused' | 'stop' | 'door';
  }[];
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly texts: readonly PlacedText[];
}

/** More are summed up in the last row. */
export const ROWS_MAX = 16;

const REFUSED_MAX = 4;
const DOORS_MAX = 3;

/** From so wide on, rows stand on both sides of the box. */
const TWO_SIDES_FROM = 560;

const ROW = 56;
const TEXT_ROW = 20;
const EDGE = 8;
const PAD = 16;
const CORNER = 24;
const BOX = 44;
/** From the middle of the box to the ends of its lines, and on to what they lead to. */
const REACH = 66;
const GAP = 10;
/** Half of a door, and from one to the next. */
const HALF_DOOR = 6;
const DOOR_STEP = 18;
const STOP_STEP = 12;
/** Of the system font at 14 and at 12, the widest in use, with room to spare. */
const NAME_CHAR = 8.2;
const MORE_CHAR = 6.8;

/** Draws the house, so wide. */
export function drawHouse(parts: HouseParts, width: number): House {
  const rows = summedUp(parts.rows, ROWS_MAX, moreRow);
  const refused = summedUp(parts.refused, REFUSED_MAX, (rest) => `and ${String(rest)} more`);
  const doors = summedUp(parts.doors, DOORS_MAX, (rest) => `and ${String(rest)} more doors`);
  const isTwoSided = width >= TWO_SIDES_FROM;
  const perSide = isTwoSided ? Math.ceil(rows.length / 2) : rows.length;
  const top = EDGE + (doors.length === 0 ? 0 : doors.length * TEXT_ROW + PAD);
  const inside = Math.max(perSide * ROW, 2 * BOX) + 2 * PAD;
  const bottom = top + inside;
  const middle = { x: isTwoSided ? width / 2 : EDGE + PAD + BOX / 2 + GAP, y: top + inside / 2 };
  const placed = placeRows(rows, { ...middle, perSide, width });
  const gates = doors.map((text, index) => ({
    text,
    // The lowest text belongs to the door farthest right: no line crosses another's text.
    x: middle.x + ((doors.length - 1) / 2 - index) * DOOR_STEP,
    y: top - PAD - index * TEXT_ROW,
  }));
  const textX = Math.max(middle.x, ...gates.map(({ x }) => x)) + HALF_DOOR + GAP;
  const stops = refused.map((text, index) => ({
    text,
    x: middle.x + (index - (refused.length - 1) / 2) * STOP_STEP,
    y: bottom + PAD + index * TEXT_ROW + GAP / 2,
  }));
  return {
    width,
    height: bottom + EDGE + (stops.length === 0 ? 0 : stops.length * TEXT_ROW + GAP),
    wall: wallPath(
      { left: EDGE, right: width - EDGE, top, bottom },
      gates.map(({ x }) => x),
    ),
    box: { x: middle.x - BOX / 2, y: middle.y - BOX / 2, size: BOX },
    lines: [
      ...placed.map(({ dot, side }) => ({
        path: `M${at(middle.x + (side * BOX) / 2, middle.y)}L${at(dot.x, dot.y)}`,
        kind: 'row' as const,
      })),
      ...gates.map(({ x, y }) => ({
        // Through the gap and on to its words; then the leaf, standing open.
        path:
          `M${at(x, middle.y - BOX / 2)}L${at(x, y)}H${String(textX - GAP / 2)}` +
          `M${at(x - HALF_DOOR, top)}l-7,-13`,
        kind: 'door' as const,
      })),
      ...stops.map(({ x }) => ({
        path: `M${at(x, middle.y + BOX / 2)}V${String(bottom - 5)}`,
        kind: 'refused' as const,
      })),
      ...stops.map(({ x }) => ({
        path: `M${at(x - 4, bottom - 5)}h8`,
        kind: 'stop' as const,
      })),
    ],
    dots: placed.map(({ dot }) => dot),
    texts: [
      ...placed.flatMap(({ texts }) => texts),
      ...gates.map(({ text, y }) => ({
        ...{ x: textX, y: y + 4, anchor: 'start' as const, kind: 'door' as const },
        text: cut(text, (width - EDGE - textX) / MORE_CHAR),
      })),
      ...stops.map(({ text, y }) => ({
        ...{ x: EDGE, y: y + GAP / 2, anchor: 'start' as const, kind: 'refused' as const },
        text: cut(text, (width - 2 * EDGE) / MORE_CHAR),
      })),
    ],
  };
}

interface PlacedRow {
  readonly dot: { readonly x: number; readonly y: number };
  readonly side: 1 | -1;
  readonly texts: readonly PlacedText[];
}

/** Those of the right side first; the left one takes the rest. */
function placeRows(
  rows: readonly HouseRow[],
  room: Readonly<Record<'x' | 'y' | 'perSide' | 'width', number>>,
): PlacedRow[] {
  const { x, y, perSide, width } = room;
  return rows.map((row, index) => {
    const isLeft = index >= perSide;
    const inColumn = isLeft ? index - perSide : index;
    const columnRows = isLeft ? rows.length - perSide : perSide;
    const rowY = y + (inColumn - (columnRows - 1) / 2) * ROW;
    return placeRow(row, { x, y: rowY, side: isLeft ? -1 : 1, width });
  });
}

function placeRow(
  row: HouseRow,
  place: { readonly x: number; readonly y: number; readonly side: 1 | -1; readonly width: number },
): PlacedRow {
  const { x, y, side, width } = place;
  const dot = { x: x + side * REACH, y };
  const textX = dot.x + side * GAP;
  const room = side === 1 ? width - EDGE - GAP - textX : textX - EDGE - GAP;
  const anchor = side === 1 ? 'start' : 'end';
  const texts = (
    [
      [cut(row.name, room / NAME_CHAR), 'name'],
      [cut(row.address, room / MORE_CHAR), 'more'],
      [cut(row.last, room / MORE_CHAR), 'more'],
    ] as const
  ).map(
    ([text, kind], line) => ({ text, kind, anchor, x: textX, y: y + (line - 1) * 16 + 4 }) as const,
  );
  return { dot, side, texts: texts.filter(({ text }) => text !== '') };
}

/** A rounded ring that has a gap for each door in its upper side. */
function wallPath(
  { left, right, top, bottom }: Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>>,
  doors: readonly number[],
): string {
  const gaps = doors
    .toSorted((a, b) => a - b)
    .map((x) => `H${String(x - HALF_DOOR)}M${at(x + HALF_DOOR, top)}`);
  const turn = (x: number, y: number): string => `A${at(CORNER, CORNER)} 0 0 1 ${at(x, y)}`;
  return [
    `M${at(left + CORNER, top)}`,
    ...gaps,
    `H${String(right - CORNER)}${turn(right, top + CORNER)}`,
    `V${String(bottom - CORNER)}${turn(right - CORNER, bottom)}`,
    `H${String(left + CORNER)}${turn(left, bottom - CORNER)}`,
    `V${String(top + CORNER)}${turn(left + CORNER, top)}`,
  ].join('');
}

function at(x: number, y: number): string {
  return `${String(x)},${String(y)}`;
}

function summedUp<T>(all: readonly T[], max: number, sum: (rest: number) => T): readonly T[] {
  if (all.length <= max) return all;
  return [...all.slice(0, max - 1), sum(all.length - max + 1)];
}

function moreRow(rest: number): HouseRow {
  return { name: `and ${String(rest)} more`, address: 'in the list below', last: '' };
}

function cut(text: string, chars: number): string {
  const letters = Array.from(text);
  const max = Math.max(1, Math.floor(chars));
  return letters.length <= max ? text : `${letters.slice(0, max - 1).join('')}…`;
}
