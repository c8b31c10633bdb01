/** A finished drawing that is put under or over what moves: 8 bits a channel, cut to what it shows. */
import { type Canvas, intersection, type Rect } from './canvas.ts';

/** See the head of this file. Colours are multiplied by alpha, as in `Canvas`. */
export class Layer {
  readonly area: Rect;
  readonly #data: Uint8Array;
  /** For each row, where it shows something: pairs of first column and column after the last. A frame
   * of pillars and a roof is mostly a hole, and this is what makes the hole free. */
  readonly #runs: readonly (readonly number[])[];

  private constructor(area: Rect, data: Uint8Array, runs: readonly (readonly number[])[]) {
    this.area = area;
    this.#data = data;
    this.#runs = runs;
  }

  /** Rounds a canvas with a fixed pattern, so that soft light at night does not fall into bands. */
  static of(canvas: Canvas): Layer {
    const area = visibleArea(canvas);
    const data = new Uint8Array(area.width * area.height * 4);
    let to = 0;
    for (let y = area.y; y < area.y + area.height; y += 1) {
      let from = canvas.offsetOf(area.x, y);
      for (let x = area.x; x < area.x + area.width; x += 1, from += 4, to += 4) {
        const alpha = canvas.data[from + 3]!;
        if (alpha === 0) continue;
        const threshold = THRESHOLDS[(y & 3) * 4 + (x & 3)]!;
        for (let channel = 0; channel < 3; channel += 1) {
          data[to + channel] = Math.min(255, canvas.data[from + channel]! + threshold);
        }
        data[to + 3] = Math.max(1, Math.round(alpha * 255));
      }
    }
    const rows = Array.from({ length: area.height }, (_, row) =>
      runsOf(data.subarray(row * area.width * 4, (row + 1) * area.width * 4)),
    );
    return new Layer(area, data, rows);
  }

  /** A drawing between two of the same shape, 0 the first, 1 the second: dusk. */
  static between(first: Layer, second: Layer, share: number): Layer {
    const part = Math.round(share * 256);
    const [one, other] = [first.#data, second.#data];
    const data = new Uint8Array(one.length);
    for (let at = 0; at < data.length; at += 1) {
      data[at] = (one[at]! * (256 - part) + other[at]! * part) >> 8;
    }
    return new Layer(first.area, data, first.#runs);
  }

  /** Puts the layer over what a canvas holds. */
  drawOn(canvas: Canvas): void {
    const [{ data }, top, { area }] = [canvas, this.#data, this];
    const shared = intersection(area, canvas.area);
    const [left, right] = [shared.x - area.x, shared.x - area.x + shared.width];
    for (let y = shared.y; y < shared.y + shared.height; y += 1) {
      const row = y - area.y;
      const runs = this.#runs[row]!;
      for (let run = 0; run < runs.length; run += 2) {
        const start = Math.max(left, runs[run]!);
        const end = Math.min(right, runs[run + 1]!);
        let to = canvas.offsetOf(area.x + start, y);
        let from = (row * area.width + start) * 4;
        for (let column = start; column < end; column += 1, to += 4, from += 4) {
          const alpha = top[from + 3]! / 255;
          const below = 1 - alpha;
          data[to] = top[from]! + data[to]! * below;
          data[to + 1] = top[from + 1]! + data[to + 1]! * below;
          data[to + 2] = top[from + 2]! + data[to + 2]! * below;
          data[to + 3] = alpha + data[to + 3]! * below;
        }
      }
    }
  }

  /** Makes this the ground of a canvas within its area; for layers without holes, row by row. The
   * canvas is then opaque, and what its alpha says is not looked at any more. */
  copyTo(canvas: Canvas): void {
    const { area } = this;
    const shared = intersection(area, canvas.area);
    for (let y = shared.y; y < shared.y + shared.height; y += 1) {
      const from = ((y - area.y) * area.width + shared.x - area.x) * 4;
      const row = this.#data.subarray(from, from + shared.width * 4);
      canvas.data.set(row, canvas.offsetOf(shared.x, y));
    }
  }
}

// Ordered dither of 4 × 4: sixteen thresholds below one level.
const THRESHOLDS = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map(
  (n) => (n + 0.5) / 16,
);

/** Pairs of first and after-last columns that are not transparent, of one row of RGBA. */
function runsOf(row: Uint8Array): number[] {
  const runs: number[] = [];
  let shown = false;
  for (let column = 0; column * 4 < row.length; column += 1) {
    const visible = row[column * 4 + 3] !== 0;
    if (visible !== shown) runs.push(column);
    shown = visible;
  }
  if (shown) runs.push(row.length / 4);
  return runs;
}

function visibleArea(canvas: Canvas): Rect {
  const { area, data } = canvas;
  let [left, top, right, bottom] = [area.width, area.height, 0, 0];
  for (let y = 0; y < area.height; y += 1) {
    for (let x = 0; x < area.width; x += 1) {
      if (data[(y * area.width + x) * 4 + 3] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  const width = Math.max(0, right - left);
  return { x: area.x + left, y: area.y + top, width, height: Math.max(0, bottom - top) };
}
