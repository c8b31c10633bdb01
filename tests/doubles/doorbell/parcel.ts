/** A parcel, in somebody's arms or on the mat. */
import { box, limb } from './raster/outline.ts';
import { linear, mixed, soft } from './raster/paint.ts';
import { ellipse } from './raster/outline.ts';
import type { Pen } from './raster/pen.ts';

const CARD = 0xc89a62;

/** Draws it with the middle of its bottom at a point, in metres. */
export function drawParcel(pen: Pen, [x, y]: readonly [number, number]): void {
  const [half, height, depth] = [0.19, 0.2, 0.07];
  pen.fill(
    linear([x - half, 0], [x + half, 0], CARD, mixed(CARD, 0x5a3a20, 0.25)),
    box(x - half, y, x + half, y + height),
  );
  pen.fill(mixed(CARD, 0xfff2d8, 0.3), [
    x - half,
    y + height,
    x + half,
    y + height,
    x + half - depth,
    y + height + depth,
    x - half + depth,
    y + height + depth,
  ]);
  const tape = mixed(CARD, 0xfff6e4, 0.6);
  pen.fill(tape, box(x - 0.025, y, x + 0.025, y + height), [
    x - 0.025,
    y + height,
    x + 0.025,
    y + height,
    x + 0.018,
    y + height + depth,
    x - 0.018,
    y + height + depth,
  ]);
  pen.fill(0xf7f1e4, box(x + 0.055, y + 0.035, x + 0.16, y + 0.105));
  pen.fill(
    0x8a7a6a,
    limb([x + 0.07, y + 0.086], [x + 0.13, y + 0.086], 0.004),
    limb([x + 0.07, y + 0.066], [x + 0.145, y + 0.066], 0.004),
  );
}

/** The same on the ground, with its shadow. */
export function drawParcelOnGround(pen: Pen): void {
  pen.fill(soft([0.02, 0.01], [0.34, 0.1], 0x1f1a22, 0.6), ellipse(0.02, 0.01, 0.34, 0.1));
  drawParcel(pen, [0, 0]);
}
