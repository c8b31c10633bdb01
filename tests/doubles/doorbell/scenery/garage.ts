/** The garage's view: from above its door down the drive to the street. */
import { chanceOf } from '../chance.ts';
import type { Perspective } from '../perspective.ts';
import { type Place, weathered } from '../place.ts';
import type { Canvas } from '../raster/canvas.ts';
import { fill } from '../raster/fill.ts';
import { box, ellipse, limb, smooth } from '../raster/outline.ts';
import { linear, mixed, soft } from '../raster/paint.ts';
import {
  drawHedge,
  drawHills,
  drawHouse,
  drawLawn,
  drawLitWindows,
  drawTree,
  drawTufts,
  type HouseLook,
} from './surroundings.ts';

const DRIVE = { from: -2.9, to: 2.7 };
const CAR = { x: -1.55, z: 5.4 };
const BINS = { x: 1.95, z: 5.6 };
const STREET_LAMP = { x: 3.7, z: 10.4, y: 3.3 };
const KERB_Z = 11;

const HOUSES: readonly HouseLook[] = [
  { x: -10.5, width: 7.6, height: 4.6, wall: 0xd9ddd2, roof: 0x6a5f68 },
  { x: -1.2, width: 7, height: 4.5, wall: 0xead2aa, roof: 0x9c5b47 },
  { x: 9.5, width: 7.4, height: 4.7, wall: 0xd8b99c, roof: 0x7c5348 },
];

function drawFar(canvas: Canvas, view: Perspective): void {
  drawHills(canvas, view);
  drawLawn(canvas, view);
  const far = view.penAt(canvas, 26);
  drawTree(far, -15.5, 7.4, 0x7fa05f);
  drawTree(far, 4.2, 6.9, 0x93a555);
  for (const house of HOUSES) drawHouse(far, house);
  drawTree(far, -5.9, 5.6, 0x7b9b5a);
  const strip = (near: number, distant: number): number[] =>
    view.onGround([-40, near, 40, near, 40, distant, -40, distant]);
  fill(canvas, [strip(19.5, 22)], 0xcfc4b2);
  fill(canvas, [strip(12.8, 19.5)], 0x87868b);
  for (let mark = -8; mark < 8; mark += 1) {
    const x = mark * 3;
    fill(canvas, [view.onGround([x, 16, x + 1.4, 16, x + 1.4, 16.25, x, 16.25])], 0xe8e0cc);
  }
  fill(canvas, [strip(KERB_Z, 12.8)], 0xd3c8b6);
}

function drawGround(canvas: Canvas, view: Perspective): void {
  const [top, bottom] = [view.pixelOf(0, 0, KERB_Z)[1], view.size.height];
  const greens = [0x9cb873, 0x83a55d, 0x6f9150];
  fill(canvas, [box(0, top, view.size.width, bottom)], linear([0, top], [0, bottom], ...greens));
  drawDrive(canvas, view);
  const beside = (x: number): boolean => x < DRIVE.from - 0.2 || x > DRIVE.to + 0.2;
  drawTufts(canvas, view, (x, z) => beside(x) && z < KERB_Z - 0.5);
  drawHedge(view.penAt(canvas, 8.6), -9, -3.4, 1.2);
  drawHedge(view.penAt(canvas, 7.2), 3.3, 9, 0.8);
}

function drawDrive(canvas: Canvas, view: Perspective): void {
  const { from, to } = DRIVE;
  const [top, bottom] = [view.horizonY, view.size.height];
  const outline = view.onGround([from, 1, to, 1, to, KERB_Z + 0.2, from, KERB_Z + 0.2]);
  fill(canvas, [outline], linear([0, top], [0, bottom], 0xc7bba8, 0xb9ab97, 0xa89a87));
  // Slabs, row by row, each a little different.
  for (let row = 0; row < 12; row += 1) {
    const [near, distant] = [1 + row * 0.86, 1.84 + row * 0.86];
    for (let column = 0; column < 6; column += 1) {
      const width = (to - from) / 6;
      const left = from + column * width;
      const colour = weathered(0xb8ab98, chanceOf('slab', row * 6 + column));
      const slab = [
        left + 0.02,
        near,
        left + width - 0.02,
        near,
        left + width - 0.02,
        distant,
        left + 0.02,
        distant,
      ];
      fill(canvas, [view.onGround(slab)], mixed(colour, 0xb8ab98, 0.45));
    }
  }
  for (const x of [from, to]) {
    fill(
      canvas,
      [view.onGround([x - 0.09, 1, x + 0.09, 1, x + 0.09, KERB_Z, x - 0.09, KERB_Z])],
      0xddd2c0,
    );
  }
}

/** A small car from behind, parked towards the street. */
function drawCar(canvas: Canvas, view: Perspective): void {
  const pen = view.penAt(canvas, CAR.z, { x: CAR.x });
  const body = 0x4f7f86;
  const dark = mixed(body, 0x16222a, 0.4);
  pen.fill(soft([0, 0.02], [1.15, 0.22], 0x1a1618, 0.75), ellipse(0, 0.02, 1.15, 0.22));
  for (const x of [-0.66, 0.66])
    pen.fill(0x2a282a, smooth([x - 0.13, 0, x + 0.13, 0, x + 0.14, 0.3, x - 0.14, 0.3]));
  pen.fill(
    linear([0, 1.5], [0, 0.2], mixed(body, 0xffffff, 0.28), body, dark),
    smooth([
      -0.86, 0.24, -0.9, 0.6, -0.84, 0.86, -0.66, 1.36, -0.4, 1.48, 0, 1.5, 0.4, 1.48, 0.66, 1.36,
      0.84, 0.86, 0.9, 0.6, 0.86, 0.24, 0.5, 0.2, -0.5, 0.2,
    ]),
  );
  pen.fill(
    linear([-0.4, 1.35], [0.3, 0.9], 0x9dbcc8, 0x51707e, 0x38525f),
    smooth([-0.66, 0.93, -0.55, 1.3, -0.34, 1.38, 0.34, 1.38, 0.55, 1.3, 0.66, 0.93, 0, 0.9]),
  );
  pen.fill(0x2c4a52, limb([-0.5, 0.94], [0.1, 1], 0.012));
  for (const side of [-1, 1]) {
    pen.fill(
      0xb93a32,
      smooth([side * 0.62, 0.84, side * 0.84, 0.82, side * 0.86, 0.64, side * 0.7, 0.62]),
    );
    pen.fill(0xf0b070, ellipse(side * 0.75, 0.68, 0.05, 0.03));
  }
  pen.fill(mixed(dark, 0x101010, 0.3), limb([-0.78, 0.34], [0.78, 0.34], 0.075));
  pen.fill(0xf4f0e4, box(-0.25, 0.5, 0.25, 0.62));
  pen.fill(0x55504c, box(-0.19, 0.54, -0.03, 0.585), box(0.02, 0.54, 0.18, 0.585));
  pen.fill(mixed(body, 0xffffff, 0.5), limb([-0.08, 0.78], [0.08, 0.78], 0.018));
}

function drawBins(canvas: Canvas, view: Perspective): void {
  const pen = view.penAt(canvas, BINS.z, { x: BINS.x });
  for (const [x, colour] of [
    [0, 0x55705a],
    [0.68, 0x6a6a78],
  ] as const) {
    pen.fill(soft([x, 0], [0.42, 0.1], 0x1a1618, 0.6), ellipse(x, 0, 0.42, 0.1));
    pen.fill(
      linear(
        [x - 0.28, 0],
        [x + 0.28, 0],
        mixed(colour, 0xffffff, 0.18),
        colour,
        mixed(colour, 0x101418, 0.35),
      ),
      [x - 0.29, 0.92, x + 0.29, 0.92, x + 0.22, 0.04, x - 0.22, 0.04],
    );
    pen.fill(
      mixed(colour, 0x101418, 0.25),
      smooth([x - 0.32, 0.92, x + 0.32, 0.92, x + 0.28, 1.03, x - 0.28, 1.03]),
    );
  }
}

function drawLampPost(canvas: Canvas, view: Perspective): void {
  const { x, y, z } = STREET_LAMP;
  const pen = view.penAt(canvas, z, { x });
  pen.fill(
    0x4a4644,
    limb([0, 0], [0, y], 0.05, 0.035),
    box(-0.12, 0, 0.12, 0.12),
    limb([0, y], [-0.45, y + 0.18], 0.03),
  );
  pen.fill(0x3c3836, smooth([-0.7, y + 0.14, -0.45, y + 0.28, -0.28, y + 0.14]));
  pen.fill(0xfff0c8, smooth([-0.62, y + 0.13, -0.48, y + 0.06, -0.36, y + 0.13]));
}

function drawGlow(canvas: Canvas, view: Perspective): void {
  for (const house of HOUSES) drawLitWindows(view.penAt(canvas, 26), house);
  const [x, y] = view.pixelOf(STREET_LAMP.x - 0.48, STREET_LAMP.y + 0.1, STREET_LAMP.z);
  const radius = view.size.height * 0.25;
  fill(canvas, [ellipse(x, y, radius)], soft([x, y], [radius, radius], 0xffd08a, 0.8));
}

/** See the head of this file. */
export const GARAGE: Place = {
  eye: { heightM: 2.55, horizon: 0.3, focal: 0.86 },
  routes: {
    person: [
      { x: 9, z: 11.8 },
      { x: 1, z: 11.8 },
      { x: 0.85, z: 8 },
      { x: 0.8, z: 3.9, stopS: 6 },
      { x: 0.85, z: 8 },
      { x: 1, z: 11.8 },
      { x: -9, z: 11.8 },
    ],
    dog: [
      { x: 6, z: 6.2 },
      { x: 1.5, z: 5.2 },
      { x: 0.7, z: 4.1, stopS: 5 },
      { x: 1.2, z: 6.4 },
      { x: 7, z: 7.2 },
    ],
    parcel: { x: 1.7, z: 4 },
  },
  lamps: [
    {
      x: STREET_LAMP.x - 0.5,
      z: STREET_LAMP.z,
      heightM: STREET_LAMP.y,
      reachM: 3.2,
      strength: 0.8,
    },
    // Over the garage door, beside the camera.
    { x: -0.4, z: 0.8, heightM: 2.7, reachM: 3.4, strength: 1 },
  ],
  drawFar,
  drawGround,
  occluders: [
    { z: STREET_LAMP.z, draw: drawLampPost },
    { z: BINS.z, draw: drawBins },
    { z: CAR.z, draw: drawCar },
  ],
  drawGlow,
};
