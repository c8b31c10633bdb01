/**
 * Fills outlines with exact area coverage. Each edge leaves, in the cells it crosses, how much of the
 * cell lies to its right; a running sum along the row is then the coverage of each pixel. Outlines
 * that overlap join; one that turns the other way makes a hole.
 */
import { type Canvas, intersection, type Rect } from './canvas.ts';
import type { Outline } from './outline.ts';
import { FULL_LIGHT, type Gradient, type Light, type Paint, rampOf } from './paint.ts';

/** Thinner coverage than half a level of 255 cannot be seen. */
const COVERAGE_MIN = 1 / 512;

/** One step a level of brightness, four times over. */
const RAMP_MAX_STEPS = 1_024;

/** How an outline in the pen's coordinates comes to the picture's, and in which light. */
export interface FillOptions {
  readonly light?: Light;
  /** From the picture's pixels to the coordinates of a gradient: x = (px - originX) / scaleX. */
  readonly originX?: number;
  readonly originY?: number;
  readonly scaleX?: number;
  readonly scaleY?: number;
}

/** Fills outlines given in pixels of the picture. */
export function fill(
  canvas: Canvas,
  outlines: readonly Outline[],
  paint: Paint,
  options: FillOptions = {},
): void {
  const bounds = intersection(boundsOf(outlines), canvas.area);
  if (bounds.width === 0 || bounds.height === 0) return;
  const cells = coverageOf(outlines, bounds);
  if (typeof paint === 'number') fillSolid(canvas, bounds, cells, solidOf(paint, options.light));
  else fillGradient({ canvas, bounds, cells }, paint, options);
}

/** The smallest rectangle of whole pixels around outlines. */
export function boundsOf(outlines: readonly Outline[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const outline of outlines) {
    for (let at = 0; at < outline.length; at += 2) {
      left = Math.min(left, outline[at]!);
      right = Math.max(right, outline[at]!);
      top = Math.min(top, outline[at + 1]!);
      bottom = Math.max(bottom, outline[at + 1]!);
    }
  }
  const [x, y] = [Math.floor(left), Math.floor(top)];
  return { x, y, width: Math.ceil(right) - x, height: Math.ceil(bottom) - y };
}

/** Coverage, 0 to 1, of each pixel of `bounds`, rows one cell wider than the bounds. */
export function coverageOf(outlines: readonly Outline[], bounds: Rect): Float32Array {
  const stride = bounds.width + 1;
  const cells = new Float32Array(stride * bounds.height);
  for (const outline of outlines) {
    const last = outline.length - 2;
    let x0 = outline[last]! - bounds.x;
    let y0 = outline[last + 1]! - bounds.y;
    for (let at = 0; at <= last; at += 2) {
      const x1 = outline[at]! - bounds.x;
      const y1 = outline[at + 1]! - bounds.y;
      if (y0 < y1) addEdge(cells, bounds, { x0, y0, x1, y1, sign: 1 });
      else if (y0 > y1) addEdge(cells, bounds, { x0: x1, y0: y1, x1: x0, y1: y0, sign: -1 });
      x0 = x1;
      y0 = y1;
    }
  }
  for (let row = 0; row < cells.length; row += stride) {
    let sum = 0;
    for (let at = row; at < row + bounds.width; at += 1) {
      sum += cells[at]!;
      cells[at] = Math.min(1, Math.abs(sum));
    }
  }
  return cells;
}

/** An edge from its upper end to its lower one; `sign`: which way the outline went along it. */
interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly sign: number;
}

function addEdge(cells: Float32Array, { width, height }: Rect, edge: Edge): void {
  const { x0, y0, x1, y1, sign } = edge;
  const slope = (x1 - x0) / (y1 - y0);
  const lastRow = Math.min(height, Math.ceil(y1)) - 1;
  for (let row = Math.max(0, Math.floor(y0)); row <= lastRow; row += 1) {
    const from = Math.max(row, y0);
    const to = Math.min(row + 1, y1);
    const [xFrom, xTo] = [x0 + (from - y0) * slope, x0 + (to - y0) * slope];
    const [left, right] = xFrom < xTo ? [xFrom, xTo] : [xTo, xFrom];
    addSpan(
      cells,
      { start: row * (width + 1), width },
      { left, right, covered: (to - from) * sign },
    );
  }
}

// The piece of an edge within one row, split where it passes from column to column.
function addSpan(
  cells: Float32Array,
  { start, width }: { start: number; width: number },
  { left, right, covered }: { left: number; right: number; covered: number },
): void {
  if (left >= width) return;
  if (right <= 0) {
    cells[start]! += covered;
    return;
  }
  const perColumn = right > left ? covered / (right - left) : 0;
  for (let x = left; ;) {
    const column = Math.floor(x);
    const end = Math.min(right, column + 1);
    const share = perColumn === 0 ? covered : perColumn * (end - x);
    if (column < 0) cells[start]! += share;
    else if (column < width) {
      const inside = 1 - ((x + end) / 2 - column);
      cells[start + column]! += share * inside;
      cells[start + column + 1]! += share * (1 - inside);
    }
    if (end >= right || column >= width) return;
    x = end;
  }
}

function solidOf(colour: number, light: Light = FULL_LIGHT): Light {
  return [(colour >> 16) * light[0], ((colour >> 8) & 255) * light[1], (colour & 255) * light[2]];
}

// Most of a figure is of one colour: this is the loop that every frame with a visitor pays for.
function fillSolid(canvas: Canvas, bounds: Rect, cells: Float32Array, colour: Light): void {
  const { data } = canvas;
  const [red, green, blue] = colour;
  for (let row = 0; row < bounds.height; row += 1) {
    let at = canvas.offsetOf(bounds.x, bounds.y + row);
    const start = row * (bounds.width + 1);
    for (let cell = start; cell < start + bounds.width; cell += 1, at += 4) {
      const alpha = cells[cell]!;
      if (alpha < COVERAGE_MIN) continue;
      const below = 1 - alpha;
      data[at] = red * alpha + data[at]! * below;
      data[at + 1] = green * alpha + data[at + 1]! * below;
      data[at + 2] = blue * alpha + data[at + 2]! * below;
      data[at + 3] = alpha + data[at + 3]! * below;
    }
  }
}

// Colours are looked up in a ramp as fine as the shape is large.
function fillGradient(
  { canvas, bounds, cells }: { canvas: Canvas; bounds: Rect; cells: Float32Array },
  gradient: Gradient,
  { originX = 0, originY = 0, scaleX = 1, scaleY = 1, light = FULL_LIGHT }: FillOptions,
): void {
  const { data } = canvas;
  const { from, to, shape } = gradient;
  const flat = gradient.stops.length === 1;
  const steps = flat ? 1 : Math.min(RAMP_MAX_STEPS, bounds.width + bounds.height);
  const ramp = rampOf(gradient, steps, light);
  const radial = shape === 'radial';
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  // Radial: the radii. Linear: the direction, divided by its length squared.
  const [unitX, unitY] = radial
    ? [1 / to[0], 1 / to[1]]
    : [dx / (dx * dx + dy * dy), dy / (dx * dx + dy * dy)];
  for (let row = 0; row < bounds.height; row += 1) {
    const y = ((bounds.y + row + 0.5 - originY) / scaleY - from[1]) * unitY;
    let at = canvas.offsetOf(bounds.x, bounds.y + row);
    const start = row * (bounds.width + 1);
    for (let column = 0; column < bounds.width; column += 1, at += 4) {
      const covered = cells[start + column]!;
      if (covered < COVERAGE_MIN) continue;
      const x = ((bounds.x + column + 0.5 - originX) / scaleX - from[0]) * unitX;
      const position = radial ? Math.sqrt(x * x + y * y) : x + y;
      const step = Math.round(Math.min(1, Math.max(0, position)) * (steps - 1)) * 4;
      const alpha = covered * ramp[step + 3]!;
      const below = 1 - alpha;
      data[at] = ramp[step]! * alpha + data[at]! * below;
      data[at + 1] = ramp[step + 1]! * alpha + data[at + 1]! * below;
      data[at + 2] = ramp[step + 2]! * alpha + data[at + 2]! * below;
      data[at + 3] = alpha + data[at + 3]! * below;
    }
  }
}
