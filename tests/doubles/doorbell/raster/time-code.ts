/**
 * The time a picture was drawn, to the millisecond, as a row of black and white boxes for machines:
 * how old is it when it comes out of a player? It survives encoding and scaling.
 */
import type { Canvas, Rect } from './canvas.ts';
import { fill } from './fill.ts';
import { box } from './outline.ts';

/** 24 bits of milliseconds run for four hours and a half. */
export const TIME_CODE_SPAN_MS = 2 ** 24;

const TIME_BITS = 24;

/** White and black at the front say that there is a time code; the last bit makes the sum even. */
const BITS = TIME_BITS + 3;

/** A box is so large a part of the picture's width; 27 of them fit with room to spare. */
const BOXES_A_ROW = 32;

/** What the row of boxes at the lower left of a picture covers, in whole pixels. */
export function timeCodeArea({ width, height }: { width: number; height: number }): Rect {
  // Of any size the same share, so that a scaled picture can be read without knowing the original.
  const side = width / BOXES_A_ROW;
  const top = Math.floor(height - side);
  return { x: 0, y: top, width: Math.ceil(side * BITS), height: height - top };
}

/** Draws a wall-clock time modulo `TIME_CODE_SPAN_MS` into a picture of a size. */
export function drawTimeCode(
  canvas: Canvas,
  { width, height }: { width: number; height: number },
  wallMs: number,
): void {
  const bits = bitsOf(Math.round(wallMs) % TIME_CODE_SPAN_MS);
  const side = width / BOXES_A_ROW;
  for (const [index, bit] of bits.entries()) {
    const outline = box(index * side, height - side, (index + 1) * side, height);
    fill(canvas, [outline], bit === 1 ? 0xffffff : 0x000000);
  }
}

/**
 * The time in a picture of any size, or undefined when there is none. `brightnessAt` answers 0 to 255
 * for a point given as shares of width and height, e.g. from a canvas of a browser.
 */
export function readTimeCode(
  size: { width: number; height: number },
  brightnessAt: (x: number, y: number) => number,
): number | undefined {
  const y = 1 - size.width / BOXES_A_ROW / 2 / size.height;
  const bits = Array.from({ length: BITS }, (_, index) =>
    brightnessAt((index + 0.5) / BOXES_A_ROW, y) > 127 ? 1 : 0,
  );
  const time = bits.slice(2, 2 + TIME_BITS).reduce<number>((sum, bit) => sum * 2 + bit, 0);
  return bitsOf(time).join('') === bits.join('') ? time : undefined;
}

function bitsOf(time: number): number[] {
  const bits = Array.from({ length: TIME_BITS }, (_, index) =>
    Math.floor(time / 2 ** (TIME_BITS - 1 - index)) % 2 === 1 ? 1 : 0,
  );
  const sum = bits.reduce<number>((total, bit) => total + bit, 0);
  return [1, 0, ...bits, sum % 2];
}
