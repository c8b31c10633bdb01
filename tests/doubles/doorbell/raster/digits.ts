/** Digits as a raster of 5 × 7 cells: drawn into a picture, and read back from its luma. */
import type { Canvas, Rect } from './canvas.ts';
import { fill } from './fill.ts';
import { box } from './outline.ts';
import { translucent } from './paint.ts';

/** Rows from top to bottom, five bits each, the left cell highest. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
  '1': [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
  '2': [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
  '3': [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
  '4': [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
  '5': [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
  '6': [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
  '7': [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
  '8': [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
  '9': [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
  '-': [0b00000, 0b00000, 0b00000, 0b11111, 0b00000, 0b00000, 0b00000],
  ':': [0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000],
  ' ': [0, 0, 0, 0, 0, 0, 0],
};

const COLUMNS = 5;
const ROWS = 7;

/** Cells from one digit to the next. */
const ADVANCE = COLUMNS + 1;

/** Cells around the digits, on the strip that makes them legible on any picture. */
const MARGIN = 2;

const INK = 0xf7f1e6;
const STRIP = 0x1c191d;

/** Brightness between strip and ink. */
const LUMA_MIDDLE = 140;

/** A line of digits at a place. */
export interface DigitLine {
  readonly x: number;
  readonly y: number;
  /** Side of a cell, in whole pixels, so that cells have sharp edges. */
  readonly cellPx: number;
}

/** What a line of so many characters covers, strip included. */
export function digitArea({ x, y, cellPx }: DigitLine, characters: number): Rect {
  const width = (characters * ADVANCE - 1 + 2 * MARGIN) * cellPx;
  return { x, y, width, height: (ROWS + 2 * MARGIN) * cellPx };
}

/** Draws digits, hyphens, colons and spaces; other characters throw. */
export function drawDigits(canvas: Canvas, line: DigitLine, text: string): void {
  const { x, y, width, height } = digitArea(line, text.length);
  fill(canvas, [box(x, y, x + width, y + height)], translucent(STRIP, 0.72));
  const cells = Array.from(text).flatMap((character, index) => {
    const rows = GLYPHS[character];
    if (rows === undefined) throw new Error(`there is no raster for “${character}”`);
    return cellsOf(rows).map(([column, row]) => {
      const left = x + (MARGIN + index * ADVANCE + column) * line.cellPx;
      const top = y + (MARGIN + row) * line.cellPx;
      return box(left, top, left + line.cellPx, top + line.cellPx);
    });
  });
  fill(canvas, cells, INK);
}

/** What stands at a place; `?` for what is no known character. `luma` has `widthPx` bytes a row. */
export function readDigits(
  luma: Uint8Array,
  widthPx: number,
  line: DigitLine,
  characters: number,
): string {
  const isInk = (index: number, column: number, row: number): boolean => {
    const px = line.x + Math.floor((MARGIN + index * ADVANCE + column + 0.5) * line.cellPx);
    const py = line.y + Math.floor((MARGIN + row + 0.5) * line.cellPx);
    return (luma[py * widthPx + px] ?? 0) > LUMA_MIDDLE;
  };
  return Array.from({ length: characters }, (_, index) => {
    const rows = Array.from({ length: ROWS }, (_row, row) =>
      Array.from({ length: COLUMNS }, (_column, column) =>
        isInk(index, column, row) ? 1 << (COLUMNS - 1 - column) : 0,
      ).reduce((sum, bit) => sum + bit, 0),
    );
    const found = Object.entries(GLYPHS).find(([, glyph]) => glyph.join() === rows.join());
    return found?.[0] ?? '?';
  }).join('');
}

function cellsOf(rows: readonly number[]): [column: number, row: number][] {
  return rows.flatMap((bits, row) =>
    Array.from({ length: COLUMNS }, (_, column): [number, number] => [column, row]).filter(
      ([column]) => (bits & (1 << (COLUMNS - 1 - column))) !== 0,
    ),
  );
}
