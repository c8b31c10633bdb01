/** Draws in metres: x to the right, y upwards, from a point of the picture. */
import type { Canvas } from './canvas.ts';
import { fill } from './fill.ts';
import type { Outline } from './outline.ts';
import { FULL_LIGHT, type Light, type Paint } from './paint.ts';

/** Where a pen stands, and how large a metre is there. */
export interface PenPlace {
  /** Pixels of the picture. */
  readonly x: number;
  readonly y: number;
  /** Pixels a metre. */
  readonly scale: number;
  /** Looks to the left in place of the right. */
  readonly mirrored?: boolean;
  readonly light?: Light;
}

/** See the head of this file. */
export class Pen {
  readonly canvas: Canvas;
  readonly place: PenPlace;
  readonly #scaleX: number;

  constructor(canvas: Canvas, place: PenPlace) {
    this.canvas = canvas;
    this.place = place;
    this.#scaleX = place.mirrored === true ? -place.scale : place.scale;
  }

  /** Fills outlines given in metres; gradients are in metres too. */
  fill(paint: Paint, ...outlines: readonly Outline[]): void {
    const { x, y, scale, light = FULL_LIGHT } = this.place;
    const inPixels = outlines.map((outline) =>
      outline.map((value, index) =>
        index % 2 === 0 ? x + value * this.#scaleX : y - value * scale,
      ),
    );
    const origin = { originX: x, originY: y, scaleX: this.#scaleX, scaleY: -scale };
    fill(this.canvas, inPixels, paint, { light, ...origin });
  }
}
