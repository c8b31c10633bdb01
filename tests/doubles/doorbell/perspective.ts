/** How a camera's eye sees a place: a pinhole over flat ground, metres in, pixels out. Pure. */
import type { Canvas } from './raster/canvas.ts';
import type { Light } from './raster/paint.ts';
import { Pen } from './raster/pen.ts';
import type { Size } from './raster/yuv-picture.ts';

/** Where the camera hangs and how wide it sees. */
export interface Eye {
  /** Above the ground, in metres. */
  readonly heightM: number;
  /** Where the horizon lies: 0 the top of the picture, 1 its bottom. */
  readonly horizon: number;
  /** Focal length in picture heights: less sees more. */
  readonly focal: number;
}

/** A point on the ground: to the right of the camera, and away from it, in metres. */
export interface Ground {
  readonly x: number;
  readonly z: number;
}

/** See the head of this file. */
export class Perspective {
  readonly size: Size;
  readonly #eye: Eye;

  constructor(size: Size, eye: Eye) {
    this.size = size;
    this.#eye = eye;
  }

  /** Row of the picture where the ground ends. */
  get horizonY(): number {
    return this.#eye.horizon * this.size.height;
  }

  /** Pixels a metre at a distance. */
  scaleAt(z: number): number {
    return (this.#eye.focal * this.size.height) / z;
  }

  /** A point above the ground as pixels of the picture. */
  pixelOf(x: number, y: number, z: number): readonly [x: number, y: number] {
    const scale = this.scaleAt(z);
    return [this.size.width / 2 + x * scale, this.horizonY + (this.#eye.heightM - y) * scale];
  }

  /** Half of what can be seen from left to right at a distance, in metres. */
  halfWidthAt(z: number): number {
    return this.size.width / 2 / this.scaleAt(z);
  }

  /** A pen that draws upright things at a distance: metres from the middle, metres from the ground. */
  penAt(canvas: Canvas, z: number, options: { x?: number; light?: Light } = {}): Pen {
    const [x, y] = this.pixelOf(options.x ?? 0, 0, z);
    const { light } = options;
    return new Pen(canvas, { x, y, scale: this.scaleAt(z), ...(light && { light }) });
  }

  /** An outline on the ground, as pixels: x0, z0, x1, z1, … in metres. */
  onGround(points: readonly number[]): number[] {
    const pixels: number[] = [];
    for (let at = 0; at < points.length; at += 2) {
      pixels.push(...this.pixelOf(points[at]!, 0, points[at + 1]!));
    }
    return pixels;
  }
}
