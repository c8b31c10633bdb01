/**
 * Where each picture of the wall stands: rows in the household's order, each as wide or as high as
 * the room lets it be. Pure.
 */

/** The room for pictures, in CSS pixels; `strip` is what each takes below or above its picture. */
export interface WallRoom {
  readonly width: number;
  readonly height: number;
  /** Between two pictures, in both directions. */
  readonly gap: number;
  readonly strip: number;
}

/** Pictures side by side, all of one height. */
export interface WallRow {
  /** How many of the pictures stand in it. */
  readonly count: number;
  /** Of each picture, without its strip. */
  readonly height: number;
}

/** A lower picture (160 × 90 of a wide camera) shows nobody at a door: rather a wall that scrolls. */
export const LEAST_PICTURE_HEIGHT = 90;

/** Up to so many pictures each way to cut them into rows is tried: 256 of them, in 0.1 ms. */
const TRY_ALL_UP_TO = 9;

/**
 * The rows that show pictures of these ratios (width / height) largest: by the geometric mean of
 * their areas, because half of a small picture is a greater loss than half of a large one.
 * Rows share the height as evenly as their widths allow. When the best has a row lower than
 * `LEAST_PICTURE_HEIGHT`, the rows are as wide as the room instead, and it scrolls.
 */
export function packWall(ratios: readonly number[], room: WallRoom): readonly WallRow[] {
  let best: { readonly rows: readonly WallRow[]; readonly size: number } | undefined;
  for (const counts of divisions(ratios)) {
    const rows = fitRows(ratios, counts, room);
    const size = sizeOf(rows);
    if (best === undefined || size > best.size) best = { rows, size };
  }
  const rows = best?.rows ?? [];
  return rows.some(({ height }) => height < LEAST_PICTURE_HEIGHT)
    ? scrollingRows(ratios, room)
    : rows;
}

/** One below the other, each as wide as the room: phones held upright. */
export function stackWall(ratios: readonly number[], room: WallRoom): readonly WallRow[] {
  return ratios.map((ratio) => ({ count: 1, height: room.width / ratio }));
}

/** Where one picture stands, without its strip, in whole CSS pixels. */
export interface WallPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Each picture's place, rows in the middle of the room, and where the last of them ends. */
export function placeRows(
  ratios: readonly number[],
  rows: readonly WallRow[],
  room: WallRoom,
): { readonly places: readonly WallPlace[]; readonly bottom: number } {
  const height =
    rows.reduce((sum, row) => sum + Math.floor(row.height) + room.strip, 0) +
    Math.max(0, rows.length - 1) * room.gap;
  if (rows.length === 0) return { places: [], bottom: 0 };
  const begin = Math.max(0, Math.floor((room.height - height) / 2));
  let top = begin;
  const places = ratiosByRow(
    ratios,
    rows.map(({ count }) => count),
  ).flatMap((row, index) => {
    const rowHeight = Math.floor(rows[index]?.height ?? 0);
    const widths = row.map((ratio) => Math.floor(ratio * (rows[index]?.height ?? 0)));
    const wide = widths.reduce((sum, width) => sum + width, 0) + (row.length - 1) * room.gap;
    let left = Math.floor((room.width - wide) / 2);
    const placed = widths.map((width) => {
      const place = { left, top, width, height: rowHeight };
      left += width + room.gap;
      return place;
    });
    top += rowHeight + room.strip + room.gap;
    return placed;
  });
  return { places, bottom: begin + height };
}

/** The ratios of each row. */
export function ratiosByRow(ratios: readonly number[], counts: readonly number[]): number[][] {
  let next = 0;
  return counts.map((count) => ratios.slice(next, (next += count)));
}

/** How many pictures stand in each row: every way of a small wall; of a large one, those with equally
 * many pictures in each row but the last, and those with equally wide rows. */
function divisions(ratios: readonly number[]): number[][] {
  const total = ratios.length;
  if (total <= TRY_ALL_UP_TO) return everyDivision(total);
  return ratios.flatMap((_, index) => [
    evenDivision(total, index + 1),
    evenlyWide(ratios, index + 1),
  ]);
}

function everyDivision(total: number): number[][] {
  if (total === 0) return [];
  const found = [[total]];
  for (let first = 1; first < total; first += 1) {
    for (const rest of everyDivision(total - first)) found.push([first, ...rest]);
  }
  return found;
}

function evenDivision(total: number, perRow: number): number[] {
  return Array.from({ length: Math.ceil(total / perRow) }, (_, row) =>
    Math.min(perRow, total - row * perRow),
  );
}

/** Rows whose widest is as narrow as can be: the smallest width that a greedy filling gets by with,
 * found by halving. */
function evenlyWide(ratios: readonly number[], rowCount: number): number[] {
  let low = Math.max(...ratios);
  let high = ratios.reduce((sum, ratio) => sum + ratio, 0);
  // After 30 halvings what is left is less than a pixel of any screen.
  for (let step = 0; step < 30; step += 1) {
    const middle = (low + high) / 2;
    if (fill(ratios, middle).length <= rowCount) high = middle;
    else low = middle;
  }
  return fill(ratios, high);
}

function fill(ratios: readonly number[], widest: number): number[] {
  const counts: number[] = [];
  let count = 0;
  let width = 0;
  for (const ratio of ratios) {
    if (count > 0 && width + ratio > widest) {
      counts.push(count);
      count = 0;
      width = 0;
    }
    count += 1;
    width += ratio;
  }
  return [...counts, count];
}

/** Heights like water: all rise together, and a row that is as wide as the room stops. */
function fitRows(ratios: readonly number[], counts: readonly number[], room: WallRoom): WallRow[] {
  const caps = ratiosByRow(ratios, counts).map((row) => widestHeight(row, room));
  let left = room.height - counts.length * room.strip - (counts.length - 1) * room.gap;
  let open = counts.length;
  let level = Infinity;
  for (const cap of caps.toSorted((a, b) => a - b)) {
    level = Math.max(0, left / open);
    if (cap >= level) break;
    left -= cap;
    open -= 1;
    level = Infinity;
  }
  return counts.map((count, row) => ({ count, height: Math.min(caps[row] ?? 0, level) }));
}

/** Of a row that is as wide as the room. */
function widestHeight(row: readonly number[], room: WallRoom): number {
  const width = room.width - (row.length - 1) * room.gap;
  return Math.max(0, width) / row.reduce((sum, ratio) => sum + ratio, 0);
}

function scrollingRows(ratios: readonly number[], room: WallRoom): WallRow[] {
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const least = mean * LEAST_PICTURE_HEIGHT;
  const perRow = Math.max(1, Math.floor((room.width + room.gap) / (least + room.gap)));
  const counts = evenDivision(ratios.length, Math.min(perRow, ratios.length));
  const heights = ratiosByRow(ratios, counts).map((row) => widestHeight(row, room));
  // A last row of one would be a giant among the others.
  const usual = heights[0] ?? 0;
  return counts.map((count, row) => ({ count, height: Math.min(heights[row] ?? 0, usual) }));
}

/** Grows with the geometric mean of the areas. The ratios are the same however they are placed, so
 * that heights alone tell. */
function sizeOf(rows: readonly WallRow[]): number {
  return rows.reduce((sum, { count, height }) => sum + count * Math.log(height), 0);
}
