/** The picture as the encoder takes it: planes Y, U and V in one piece (ffmpeg's yuv420p). */
import type { Canvas, Rect } from './canvas.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** See the head of this file. Colours are BT.709 in 16 to 235; the encoder writes that into the
 * stream, so that no player has to guess. */
export class YuvPicture {
  readonly size: Size;
  readonly bytes: Buffer;

  /** `size` is even in both directions, as 4:2:0 needs it. */
  constructor(size: Size) {
    if (size.width % 2 !== 0 || size.height % 2 !== 0) throw new Error('a size has to be even');
    this.size = size;
    this.bytes = Buffer.alloc((size.width * size.height * 3) / 2);
  }

  /** The luma plane, a byte a pixel. */
  get luma(): Buffer {
    return this.bytes.subarray(0, this.size.width * this.size.height);
  }

  /** Takes over what a canvas shows; its area lies on even pixels within the picture. */
  write(canvas: Canvas): void {
    const { width, height } = this.size;
    const { area, data } = canvas;
    const chromaWidth = width / 2;
    const uStart = width * height;
    const vStart = uStart + uStart / 4;
    for (let y = area.y; y < area.y + area.height; y += 2) {
      let upper = canvas.offsetOf(area.x, y);
      let lower = upper + area.width * 4;
      for (let x = area.x; x < area.x + area.width; x += 2, upper += 8, lower += 8) {
        const luma = y * width + x;
        this.bytes[luma] = lumaOf(data, upper);
        this.bytes[luma + 1] = lumaOf(data, upper + 4);
        this.bytes[luma + width] = lumaOf(data, lower);
        this.bytes[luma + width + 1] = lumaOf(data, lower + 4);
        const red = data[upper]! + data[upper + 4]! + data[lower]! + data[lower + 4]!;
        const green = data[upper + 1]! + data[upper + 5]! + data[lower + 1]! + data[lower + 5]!;
        const blue = data[upper + 2]! + data[upper + 6]! + data[lower + 2]! + data[lower + 6]!;
        const chroma = (y / 2) * chromaWidth + x / 2;
        // ITU-R BT.709-6 3.2 and 3.4, of the sum of four pixels; 128.5 rounds.
        this.bytes[uStart + chroma] = 128.5 - 0.025161 * red - 0.084643 * green + 0.109804 * blue;
        this.bytes[vStart + chroma] = 128.5 + 0.109804 * red - 0.099735 * green - 0.010069 * blue;
      }
    }
  }
}

function lumaOf(data: Float32Array, at: number): number {
  return 16.5 + 0.182586 * data[at]! + 0.614231 * data[at + 1]! + 0.062007 * data[at + 2]!;
}

/** The smallest area of even pixels around a rectangle, within the picture. */
export function evenArea(rect: Rect, size: Size): Rect {
  const x = Math.max(0, rect.x & ~1);
  const y = Math.max(0, rect.y & ~1);
  const right = Math.min(size.width, (rect.x + rect.width + 1) & ~1);
  const bottom = Math.min(size.height, (rect.y + rect.height + 1) & ~1);
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}
