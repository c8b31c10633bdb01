/** The garden gate's view: from the wall of the house over the lawn to the fence and the lane. */
import { chanceOf } from '../chance.ts';
import type { Perspective } from '../perspective.ts';
import { type Place, weathered } from '../place.ts';
import type { Canvas } from '../raster/canvas.ts';
import { fill } from '../raster/fill.ts';
import { box, ellipse, limb, smooth } from '../raster/outline.ts';
import { linear, mixed, soft } from '../raster/paint.ts';
import type { Pen } from '../raster/pen.ts';
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

const FENCE_Z = 9.4;
const GATE = { from: -2.3, to: -1 };
const LAMP = { x: -0.72, z: 9.2, y: 1.75 };

const HOUSES: readonly HouseLook[] = [
  { x: -15, width: 7.4, height: 4.7, wall: 0xdfcdb0, roof: 0x8d5546 },
  { x: 4.6, width: 7.2, height: 4.5, wall: 0xe6c2a0, roof: 0x73606a },
];

/** The middle of the path at a distance: from the gate it bends to the right, to the back door. */
function pathX(z: number): number {
  const share = (FENCE_Z - z) / (FENCE_Z - 2.5);
  return -1.65 + 2.6 * share ** 2;
}

function drawFar(canvas: Canvas, view: Perspective): void {
  drawHills(canvas, view);
  drawLawn(canvas, view);
  const far = view.penAt(canvas, 27);
  for (const [x, height] of [
    [-22, 7.5],
    [-8, 6.6],
    [-3.4, 5.6],
    [12, 7.8],
    [18, 6.4],
  ] as const) {
    drawTree(far, x, height, mixed(0x7fa05f, 0x9aa856, chanceOf('far tree', x)));
  }
  for (const house of HOUSES) drawHouse(far, house);
  drawHedge(view.penAt(canvas, 20), -30, 30, 1.1);
  fill(canvas, [view.onGround([-30, FENCE_Z, 30, FENCE_Z, 30, 13.5, -30, 13.5])], 0xcdbda2);
}

function drawGround(canvas: Canvas, view: Perspective): void {
  const [top, bottom] = [view.pixelOf(0, 0, FENCE_Z)[1], view.size.height];
  const greens = [0x9cb873, 0x86a860, 0x6f9150];
  fill(canvas, [box(0, top, view.size.width, bottom)], linear([0, top], [0, bottom], ...greens));
  drawPath(canvas, view);
  drawTufts(canvas, view, (x, z) => Math.abs(x - pathX(z)) > 0.95);
  drawPond(canvas, view);
  drawBed(view.penAt(canvas, 4.6, { x: -3.1 }));
}

function drawPath(canvas: Canvas, view: Perspective): void {
  for (let stone = 0; stone < 30; stone += 1) {
    const z = 2.2 + 7 * (stone / 29) ** 1.25;
    const [px, py] = view.pixelOf(pathX(z) + (stone % 2 === 0 ? 0.16 : -0.16), 0, z);
    const scale = view.scaleAt(z);
    const tall = 0.21 * scale * (2.3 / z);
    fill(canvas, [ellipse(px, py + tall * 0.18, 0.37 * scale, tall)], 0x5f7a48);
    const colour = weathered(0xc9b89c, chanceOf('garden stone', stone));
    fill(canvas, [ellipse(px, py, 0.36 * scale, tall)], colour);
  }
}

function drawPond(canvas: Canvas, view: Perspective): void {
  const [x, y] = view.pixelOf(-4.4, 0, 7.2);
  const scale = view.scaleAt(7.2);
  fill(canvas, [ellipse(x, y, 1.35 * scale, 0.34 * scale)], 0xa89a84);
  const water = linear([x, y - 0.3 * scale], [x, y + 0.3 * scale], 0xb8d4dc, 0x6f9fae);
  fill(canvas, [ellipse(x, y + 2, 1.2 * scale, 0.28 * scale)], water);
  for (const [dx, dy] of [
    [-0.5, 0.05],
    [0.45, -0.06],
    [0.6, 0.1],
  ] as const) {
    fill(canvas, [ellipse(x + dx * scale, y + dy * scale, 0.13 * scale, 0.04 * scale)], 0x5f8f58);
  }
}

function drawApples(pen: Pen): void {
  for (let apple = 0; apple < 11; apple += 1) {
    const angle = chanceOf('apple turn', apple) * 2 * Math.PI;
    const reach = 1.15 * Math.sqrt(chanceOf('apple reach', apple));
    const at = [4.1 + reach * Math.cos(angle), 2.9 + reach * Math.sin(angle)] as const;
    pen.fill(0xb8432f, ellipse(at[0], at[1], 0.07));
    pen.fill(0xe0765a, ellipse(at[0] - 0.02, at[1] + 0.02, 0.03));
  }
}

function drawBench(pen: Pen): void {
  pen.fill(soft([0, 0], [1, 0.16], 0x2a3a20, 0.5), ellipse(0, 0, 1, 0.16));
  for (const x of [-0.72, 0.72]) pen.fill(0x6a4c3a, box(x - 0.04, 0, x + 0.04, 0.92));
  for (const [index, y] of [0.56, 0.7, 0.84].entries()) {
    const wood = weathered(0xa87a54, index / 2);
    pen.fill(
      linear([0, y + 0.06], [0, y - 0.05], wood, mixed(wood, 0x4a342a, 0.2)),
      box(-0.8, y - 0.045, 0.8, y + 0.06),
    );
  }
  pen.fill(linear([0, 0.47], [0, 0.38], 0xb98c64, 0x7d5a42), box(-0.84, 0.38, 0.84, 0.47));
  pen.fill(0xd8795f, smooth([0.3, 0.47, 0.27, 0.72, 0.62, 0.75, 0.6, 0.47]));
}

function drawBed(pen: Pen): void {
  const soil = linear([0, 0.05], [0, -0.12], 0x6d5140, 0x4f3a2d);
  pen.fill(soil, smooth([-1.5, -0.02, 0, 0.06, 1.5, -0.02, 1.3, -0.13, -1.3, -0.13]));
  const blooms = [0xe7a63f, 0xd9604f, 0xf6ead8, 0xb67ab0];
  for (let plant = 0; plant < 34; plant += 1) {
    const x = -1.35 + (2.7 * plant) / 34;
    const height = 0.25 + 0.35 * chanceOf('bed plant', plant);
    const green = mixed(0x4f7a42, 0x93b060, chanceOf('bed green', plant));
    const lean = (chanceOf('bed lean', plant) - 0.5) * 0.12;
    pen.fill(
      green,
      limb([x, -0.04], [x + lean, height], 0.016, 0.009),
      ellipse(x + 0.05, height * 0.45, 0.06, 0.024),
      ellipse(x - 0.045, height * 0.3, 0.055, 0.022),
    );
    const bloom = blooms[Math.floor(chanceOf('bed bloom', plant) * blooms.length)]!;
    pen.fill(bloom, ellipse(x + lean, height, 0.06, 0.052));
    pen.fill(mixed(bloom, 0x6a3a20, 0.5), ellipse(x + lean, height, 0.02));
  }
}

function drawFence(canvas: Canvas, view: Perspective): void {
  const pen = view.penAt(canvas, FENCE_Z);
  const end = view.halfWidthAt(FENCE_Z) + 0.3;
  for (const [from, to] of [
    [-end, GATE.from],
    [GATE.to, end],
  ] as const) {
    for (const y of [0.3, 0.82]) pen.fill(0xcfc2ae, box(from, y, to, y + 0.08));
    for (let x = from; x < to; x += 0.19) {
      const white = mixed(0xfbf5ea, 0xe2d6c4, chanceOf('picket', Math.round(x * 50)));
      pen.fill(white, [x, 0.05, x + 0.12, 0.05, x + 0.12, 0.98, x + 0.06, 1.08, x, 0.98]);
    }
  }
  for (const x of [GATE.from, GATE.to]) {
    pen.fill(
      linear([x - 0.09, 0], [x + 0.09, 0], 0xfffaf0, 0xcfc0ac),
      box(x - 0.09, 0, x + 0.09, 1.35),
    );
    pen.fill(0xfbf4e8, ellipse(x, 1.4, 0.11));
  }
  drawArch(pen);
  drawPost(view.penAt(canvas, LAMP.z, { x: LAMP.x }));
}

function drawTreeAndBench(canvas: Canvas, view: Perspective): void {
  const pen = view.penAt(canvas, 7.4);
  pen.fill(soft([4.1, 0], [1.9, 0.35], 0x2a3a20, 0.5), ellipse(4.1, 0, 1.9, 0.35));
  drawTree(pen, 4.1, 4.4, 0x86a04e);
  drawApples(pen);
  drawBench(view.penAt(canvas, 6.9, { x: 2.35 }));
}

// Roses over the gate: it stands open, so that people may come and go.
function drawArch(pen: Pen): void {
  const middle = (GATE.from + GATE.to) / 2;
  const radius = (GATE.to - GATE.from) / 2;
  const turn = (share: number): readonly [number, number] => {
    const angle = Math.PI * share;
    return [middle - radius * Math.cos(angle), 1.38 + 0.9 * Math.sin(angle)];
  };
  for (let step = 0; step < 24; step += 1)
    pen.fill(0xe9ddca, limb(turn(step / 24), turn((step + 1) / 24), 0.035));
  for (let leaf = 0; leaf < 90; leaf += 1) {
    const [x, y] = turn(chanceOf('arch', leaf));
    const [dx, dy] = [chanceOf('arch x', leaf) - 0.5, chanceOf('arch y', leaf) - 0.5];
    const rose = leaf % 4 === 0;
    const colour = rose
      ? mixed(0xd8586a, 0xf3b6b0, chanceOf('rose', leaf))
      : mixed(0x47703f, 0x8fae5c, chanceOf('arch green', leaf));
    pen.fill(
      colour,
      ellipse(x + dx * 0.28, y + dy * 0.28, rose ? 0.06 : 0.075, rose ? 0.055 : 0.05),
    );
  }
}

function drawPost(pen: Pen): void {
  const iron = 0x3a3634;
  pen.fill(iron, limb([0, 0], [0, LAMP.y - 0.12], 0.03), box(-0.1, 0, 0.1, 0.07));
  pen.fill(0xfff0c8, [
    -0.07,
    LAMP.y - 0.12,
    0.07,
    LAMP.y - 0.12,
    0.1,
    LAMP.y + 0.12,
    -0.1,
    LAMP.y + 0.12,
  ]);
  pen.fill(
    iron,
    [-0.14, LAMP.y + 0.12, 0.14, LAMP.y + 0.12, 0, LAMP.y + 0.26],
    box(-0.09, LAMP.y - 0.15, 0.09, LAMP.y - 0.11),
  );
}

function drawGlow(canvas: Canvas, view: Perspective): void {
  for (const house of HOUSES) drawLitWindows(view.penAt(canvas, 27), house);
  const [x, y] = view.pixelOf(LAMP.x, LAMP.y, LAMP.z);
  const radius = view.size.height * 0.24;
  fill(canvas, [ellipse(x, y, radius)], soft([x, y], [radius, radius], 0xffc878, 0.75));
}

/** See the head of this file. */
export const GARDEN: Place = {
  eye: { heightM: 2.3, horizon: 0.33, focal: 0.92 },
  routes: {
    person: [
      { x: -11, z: 11 },
      { x: -1.65, z: 11 },
      { x: pathX(8.6), z: 8.6 },
      { x: pathX(6.8), z: 6.8 },
      { x: pathX(5.2), z: 5.2 },
      { x: pathX(4), z: 4, stopS: 6 },
      { x: pathX(5.2), z: 5.2 },
      { x: pathX(6.8), z: 6.8 },
      { x: pathX(8.6), z: 8.6 },
      { x: -1.65, z: 11 },
      { x: 11, z: 11 },
    ],
    dog: [
      { x: 6.5, z: 5.2 },
      { x: 1.2, z: 5 },
      { x: -0.4, z: 4.3, stopS: 5 },
      { x: -2.2, z: 6.2 },
      { x: -7.5, z: 6.4 },
    ],
    parcel: { x: pathX(4) - 0.7, z: 4.1 },
  },
  lamps: [
    { x: LAMP.x, z: LAMP.z, heightM: LAMP.y, reachM: 2.6, strength: 1 },
    // On the wall of the house, above the camera.
    { x: 0.6, z: 0.6, heightM: 2.6, reachM: 3.4, strength: 0.95 },
  ],
  drawFar,
  drawGround,
  occluders: [
    { z: FENCE_Z, draw: drawFence },
    { z: 7, draw: drawTreeAndBench },
  ],
  drawGlow,
};
