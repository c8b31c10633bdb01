/** The rasteriser, pixel by pixel. */
import { describe, expect, it } from 'vitest';
import { Canvas } from '../../../doubles/doorbell/raster/canvas.ts';
import { digitArea, drawDigits, readDigits } from '../../../doubles/doorbell/raster/digits.ts';
import { coverageOf, fill } from '../../../doubles/doorbell/raster/fill.ts';
import { Layer } from '../../../doubles/doorbell/raster/layer.ts';
import { box, ellipse, limb, smooth } from '../../../doubles/doorbell/raster/outline.ts';
import { linear, soft, translucent } from '../../../doubles/doorbell/raster/paint.ts';
import { drawTimeCode, readTimeCode } from '../../../doubles/doorbell/raster/time-code.ts';
import { YuvPicture } from '../../../doubles/doorbell/raster/yuv-picture.ts';

const AREA = { x: 0, y: 0, width: 16, height: 16 };

function pixel(canvas: Canvas, x: number, y: number): number[] {
  const at = canvas.offsetOf(x, y);
  return [...canvas.data.subarray(at, at + 4)];
}

function areaOf(outline: readonly number[], size = 64): number {
  const bounds = { x: 0, y: 0, width: size, height: size };
  const cells = coverageOf([outline], bounds);
  let sum = 0;
  // The last cell of each row lies outside of the bounds.
  for (let at = 0; at < cells.length; at += 1) if (at % (size + 1) < size) sum += cells[at]!;
  return sum;
}

describe('coverage', () => {
  it('is the share of a pixel that a box covers', () => {
    const cells = coverageOf([box(1.25, 1.5, 3, 2)], { x: 0, y: 0, width: 4, height: 3 });
    const row = [...cells.subarray(5, 9)];
    expect(row).toEqual([0, expect.closeTo(0.375, 6), expect.closeTo(0.5, 6), 0]);
    expect([...cells.subarray(0, 4), ...cells.subarray(10, 14)].every((value) => value === 0)).toBe(
      true,
    );
  });

  it.each([
    ['a circle', ellipse(32, 32, 20), Math.PI * 400, 0.005],
    ['a triangle', [3, 5, 60, 11, 22, 58], 1453.5, 0.0001],
    ['a limb', limb([20, 20], [44, 40], 6), Math.PI * 36 + 12 * Math.hypot(24, 20), 0.01],
  ] as const)('adds up to the area of %s', (_name, outline, expected, tolerance) => {
    const reversed = Array.from({ length: outline.length / 2 }, (_, index) =>
      outline.slice(outline.length - 2 * index - 2, outline.length - 2 * index),
    ).flat();
    expect(Math.abs(areaOf(outline) / expected - 1)).toBeLessThan(tolerance);
    expect(areaOf(reversed)).toBeCloseTo(areaOf(outline), 2);
  });

  it('is the same for what reaches over an edge of the canvas', () => {
    const circle = ellipse(0, 0, 10);
    const whole = coverageOf([circle], { x: -16, y: -16, width: 32, height: 32 });
    const quarter = coverageOf([circle], { x: 0, y: 0, width: 16, height: 16 });
    for (const [x, y] of [
      [0, 0],
      [9, 2],
      [6, 7],
      [12, 12],
    ] as const) {
      expect(quarter[y * 17 + x]).toBeCloseTo(whole[(y + 16) * 33 + x + 16]!, 5);
    }
  });

  it('goes through all points of a smooth outline', () => {
    const points = [1, 1, 9, 2, 7, 8];
    const curve = smooth(points);
    expect(curve.slice(0, 2)).toEqual([1, 1]);
    expect(curve.slice(16, 18)).toEqual([9, 2]);
  });
});

describe('paint', () => {
  it('covers, and shines through', () => {
    const canvas = new Canvas(AREA);
    fill(canvas, [box(0, 0, 16, 16)], 0xff8000);
    fill(canvas, [box(0, 0, 8, 16)], translucent(0x000000, 0.5));
    expect(pixel(canvas, 12, 5)).toEqual([255, 128, 0, 1]);
    expect(pixel(canvas, 3, 5)).toEqual([127.5, 64, 0, 1]);
  });

  it('runs from colour to colour, and fades from a centre', () => {
    const canvas = new Canvas(AREA);
    fill(canvas, [box(0, 0, 16, 16)], linear([0, 0], [0, 16], 0x000000, 0xffffff));
    const column = Array.from({ length: 16 }, (_, y) => pixel(canvas, 4, y)[0]!);
    expect(column).toEqual([...column].sort((one, other) => one - other));
    expect(column[0]).toBeLessThan(12);
    expect(column[15]).toBeGreaterThan(243);
    const spot = new Canvas(AREA);
    fill(spot, [ellipse(8, 8, 8)], soft([8, 8], [8, 8], 0xffffff, 1));
    expect(pixel(spot, 8, 8)[3]).toBeGreaterThan(pixel(spot, 12, 8)[3]!);
    expect(pixel(spot, 15, 8)[3]).toBeLessThan(0.02);
  });

  it('is lit by the light of the place', () => {
    const canvas = new Canvas(AREA);
    fill(canvas, [box(0, 0, 16, 16)], 0xffffff, { light: [1, 0.5, 0] });
    expect(pixel(canvas, 1, 1)).toEqual([255, 127.5, 0, 1]);
  });
});

describe('a layer', () => {
  it('keeps its shape, and hides what is behind it only there', () => {
    const front = new Canvas(AREA);
    fill(front, [box(2, 2, 6, 6), box(10, 2, 14, 6)], 0x00ff00);
    const layer = Layer.of(front);
    expect(layer.area).toEqual({ x: 2, y: 2, width: 12, height: 4 });
    const canvas = new Canvas({ x: 4, y: 0, width: 10, height: 8 });
    fill(canvas, [box(0, 0, 16, 16)], 0xff0000);
    layer.drawOn(canvas);
    expect(pixel(canvas, 5, 3)).toEqual([0, 255, 0, 1]);
    expect(pixel(canvas, 8, 3)).toEqual([255, 0, 0, 1]);
    expect(pixel(canvas, 11, 3)).toEqual([0, 255, 0, 1]);
    expect(pixel(canvas, 11, 7)).toEqual([255, 0, 0, 1]);
  });

  it('is half way between two', () => {
    const of = (colour: number): Layer => {
      const canvas = new Canvas(AREA);
      fill(canvas, [box(0, 0, 16, 16)], colour);
      return Layer.of(canvas);
    };
    const canvas = new Canvas(AREA);
    Layer.between(of(0x000000), of(0xc80000), 0.5).copyTo(canvas);
    expect(pixel(canvas, 7, 7)[0]).toBe(100);
  });
});

describe('YUV', () => {
  // ITU-R BT.709-6, limited range.
  it.each([
    ['black', 0x000000, [16, 128, 128]],
    ['white', 0xffffff, [235, 128, 128]],
    ['red', 0xff0000, [63, 102, 240]],
    ['green', 0x00ff00, [173, 42, 26]],
    ['blue', 0x0000ff, [32, 240, 118]],
  ] as const)('of %s is what BT.709 says', (_name, colour, expected) => {
    const canvas = new Canvas(AREA);
    fill(canvas, [box(0, 0, 16, 16)], colour);
    const picture = new YuvPicture(AREA);
    picture.write(canvas);
    expect([picture.bytes[40], picture.bytes[256 + 20], picture.bytes[320 + 20]]).toEqual(expected);
  });

  it('takes over the area of the canvas only', () => {
    const canvas = new Canvas({ x: 4, y: 6, width: 4, height: 2 });
    fill(canvas, [box(0, 0, 16, 16)], 0xffffff);
    const picture = new YuvPicture(AREA);
    picture.write(canvas);
    const written = [...picture.luma].flatMap((value, at) => (value === 235 ? [at] : []));
    expect(written).toEqual([6, 7].flatMap((y) => [4, 5, 6, 7].map((x) => y * 16 + x)));
  });
});

describe('digits', () => {
  it('are read back as they were drawn, all of them', () => {
    const text = '2026-11-22 03:45:57 189';
    const line = { x: 3, y: 2, cellPx: 2 };
    const { width, height } = digitArea(line, text.length);
    const size = { width: (width + 5) & ~1, height: (height + 5) & ~1 };
    const canvas = new Canvas({ x: 0, y: 0, ...size });
    fill(canvas, [box(0, 0, size.width, size.height)], 0xdceaf0);
    drawDigits(canvas, line, text);
    const picture = new YuvPicture(size);
    picture.write(canvas);
    expect(readDigits(picture.luma, size.width, line, text.length)).toBe(text);
    expect(readDigits(picture.luma.fill(16), size.width, { ...line, x: 5 }, 2)).toBe('  ');
  });

  it('know no other characters', () => {
    const canvas = new Canvas(AREA);
    expect(() => {
      drawDigits(canvas, { x: 0, y: 0, cellPx: 1 }, 'x');
    }).toThrow('“x”');
  });
});

describe('the time code', () => {
  const size = { width: 480, height: 640 };

  it('is read back from a picture of any size, and not from one without', () => {
    const canvas = new Canvas({ x: 0, y: 0, ...size });
    fill(canvas, [box(0, 0, size.width, size.height)], 0x80a0c0);
    const brightnessAt = (x: number, y: number): number =>
      pixel(canvas, Math.floor(x * size.width), Math.floor(y * size.height))[1]!;
    expect(readTimeCode(size, brightnessAt)).toBeUndefined();
    drawTimeCode(canvas, size, 2 ** 24 + 12_345_678);
    expect(readTimeCode(size, brightnessAt)).toBe(12_345_678);
    expect(readTimeCode({ width: 240, height: 320 }, brightnessAt)).toBe(12_345_678);
  });
});
