/**
 * A window of a picture to draw into: RGBA in floats, colour already multiplied by alpha, so that
 * layers can be put over each other and slow gradients keep their steps below one level.
 */

/** A rectangle of whole pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** See the head of this file. `area` says which part of the picture it is; colours are 0 to 255. */
export class Canvas {
  readonly area: Rect;
  /** Four floats a pixel, row by row. */
  readonly data: Float32Array;

  constructor(area: Rect) {
    this.area = area;
    this.data = new Float32Array(area.width * area.height * 4);
  }

  /** Index of a pixel's first float; the pixel has to lie in the area. */
  offsetOf(x: number, y: number): number {
    return ((y - this.area.y) * this.area.width + (x - this.area.x)) * 4;
  }

  /** Multiplies each pixel by a colour of light: red, green, blue as factors. */
  shade(lightAt: (x: number, y: number, light: Float32Array) => void): void {
    const { x: left, y: top, width, height } = this.area;
    const light = new Float32Array(3);
    let at = 0;
    for (let y = top; y < top + height; y += 1) {
      for (let x = left; x < left + width; x += 1, at += 4) {
        if (this.data[at + 3] === 0) continue;
        lightAt(x, y, light);
        for (let channel = 0; channel < 3; channel += 1) {
          this.data[at + channel]! *= light[channel]!;
        }
      }
    }
  }

  /** Puts another canvas of the same area over this one. */
  over(top: Canvas): void {
    const { data } = top;
    for (let at = 0; at < data.length; at += 4) {
      const below = 1 - data[at + 3]!;
      for (let channel = 0; channel < 4; channel += 1) {
        this.data[at + channel] = data[at + channel]! + this.data[at + channel]! * below;
      }
    }
  }
}

/** The part that two rectangles share; width or height 0 when there is none. */
export function intersection(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y);
  return { x, y, width, height };
}
