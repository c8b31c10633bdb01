/** What the camera itself writes into its picture: the clock, and a time code for machines. */
import { type Canvas, intersection, type Rect } from './raster/canvas.ts';
import { digitArea, type DigitLine, drawDigits, readDigits } from './raster/digits.ts';
import { drawTimeCode, timeCodeArea } from './raster/time-code.ts';
import type { Size } from './raster/yuv-picture.ts';

/** Characters of `2026-11-22 15:04:05`. */
const CLOCK_CHARACTERS = 19;

/** What is written into one frame. */
export interface OverlayText {
  /** See `clockText`. */
  readonly clock: string;
  /** Wall clock of the frame; undefined: no time code. */
  readonly timeCodeMs: number | undefined;
}

/** Where a camera writes its clock: large enough to be read in the sub-stream, too. */
export function clockLine({ width, height }: Size): DigitLine {
  const short = Math.min(width, height);
  const cellPx = Math.max(1, Math.round(short / 240));
  return { x: cellPx * 6, y: cellPx * 6, cellPx };
}

/** Local date and time of the place, to the second. */
export function clockText(wallMs: number, utcOffsetMs: number): string {
  return new Date(wallMs + utcOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** The clock as it stands in a picture of a given size; `?` for what cannot be read. */
export function readClock(luma: Uint8Array, size: Size): string {
  return readDigits(luma, size.width, clockLine(size), CLOCK_CHARACTERS);
}

/** What has to be drawn anew for a text, when another one stands there. */
export function overlayAreas(
  size: Size,
  before: OverlayText | undefined,
  now: OverlayText,
): Rect[] {
  return [
    ...(before?.clock === now.clock ? [] : [digitArea(clockLine(size), CLOCK_CHARACTERS)]),
    ...(now.timeCodeMs === undefined ? [] : [timeCodeArea(size)]),
  ];
}

/** Draws as much of a text as lies on the canvas. */
export function drawOverlay(canvas: Canvas, size: Size, text: OverlayText): void {
  const line = clockLine(size);
  if (meets(canvas.area, digitArea(line, CLOCK_CHARACTERS))) drawDigits(canvas, line, text.clock);
  if (text.timeCodeMs !== undefined && meets(canvas.area, timeCodeArea(size))) {
    drawTimeCode(canvas, size, text.timeCodeMs);
  }
}

function meets(one: Rect, other: Rect): boolean {
  const { width, height } = intersection(one, other);
  return width > 0 && height > 0;
}
