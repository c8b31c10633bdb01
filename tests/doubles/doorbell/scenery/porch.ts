/** The front door's view: over the porch and down the garden path to the street. */
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

const HEDGE_Z = 9;
const TREE_Z = 7.6;
const PORCH_EDGE_Z = 2.75;
const PILLAR_Z = 2.45;
const LANTERN = { x: 0.62, z: 2.3, y: 2.12 };

const HOUSES: readonly HouseLook[] = [
  { x: -6.2, width: 6.6, height: 4.6, wall: 0xe9d6b4, roof: 0xa5604a },
  { x: 3.4, width: 6.2, height: 4.4, wall: 0xcfd8cf, roof: 0x6f6a78 },
  { x: 11.5, width: 6.4, height: 4.6, wall: 0xe3bfa2, roof: 0x8a5a48 },
];

/** The middle of the garden path at a distance. */
function pathX(z: number): number {
  return 0.55 * Math.sin((z - PORCH_EDGE_Z) * 0.45) * Math.min(1, (z - PORCH_EDGE_Z) / 3);
}

function drawFar(canvas: Canvas, view: Perspective): void {
  drawHills(canvas, view);
  drawLawn(canvas, view);
  const far = view.penAt(canvas, 24);
  drawTree(far, -1.6, 6.4, 0x7fa05f);
  drawTree(far, 8, 7.2, 0x8aa45a);
  for (const house of HOUSES) drawHouse(far, house);
  drawTree(far, -11, 6.8, 0x6f955a);
  drawStreet(canvas, view);
}

function drawGround(canvas: Canvas, view: Perspective): void {
  drawGarden(canvas, view);
  drawPath(canvas, view);
  drawTufts(canvas, view, (x, z) => z > 3.1 && z < 8.8 && Math.abs(x - pathX(z)) > 0.75);
  drawFlowerBed(canvas, view);
  drawPorchFloor(canvas, view);
}

function drawStreet(canvas: Canvas, view: Perspective): void {
  const strip = (near: number, distant: number): number[] =>
    view.onGround([-40, near, 40, near, 40, distant, -40, distant]);
  fill(canvas, [strip(19, 22)], 0xcfc4b2);
  fill(canvas, [strip(12.4, 19)], linear([0, 0], [0, 1], 0x8b8a8e, 0x8b8a8e));
  for (let mark = -6; mark < 6; mark += 1) {
    fill(
      canvas,
      [view.onGround([mark * 3, 15.5, mark * 3 + 1.4, 15.5, mark * 3 + 1.4, 15.8, mark * 3, 15.8])],
      0xe8e0cc,
    );
  }
  fill(canvas, [strip(9.4, 12.4)], 0xd3c8b6);
}

// The lawn once more, this side of the hedge, where the lantern's light reaches.
function drawGarden(canvas: Canvas, view: Perspective): void {
  const [top, bottom] = [view.pixelOf(0, 0, HEDGE_Z)[1], view.size.height];
  const colours = [0x93b06b, 0x7d9d58, 0x6c8d4c];
  fill(canvas, [box(0, top, view.size.width, bottom)], linear([0, top], [0, bottom], ...colours));
}

function drawPath(canvas: Canvas, view: Perspective): void {
  const edge = (offset: number): number[] => {
    const points: number[] = [];
    for (let z = PORCH_EDGE_Z; z <= 9.6; z += 0.2) points.push(pathX(z) + offset, z);
    return points;
  };
  const back: number[] = [];
  const right = edge(0.62);
  for (let at = right.length - 2; at >= 0; at -= 2) back.push(right[at]!, right[at + 1]!);
  const outline = view.onGround([...edge(-0.62), ...back]);
  fill(
    canvas,
    [outline],
    linear([0, view.horizonY], [0, view.size.height * 0.8], 0xcdbfa6, 0xbfae92),
  );
  for (let stone = 0; stone < 46; stone += 1) {
    const z = 2.95 + (stone * 6.4) / 46;
    for (const lane of [-0.38, 0, 0.38]) {
      const x = pathX(z) + lane + (chanceOf('stone', stone * 3 + lane * 10) - 0.5) * 0.08;
      const [px, py] = view.pixelOf(x, 0, z);
      const scale = view.scaleAt(z);
      const colour = weathered(0xb8a68c, chanceOf(`stone ${String(lane)}`, stone));
      fill(canvas, [ellipse(px, py, 0.16 * scale, 0.055 * scale * (1.45 / z))], colour);
    }
  }
}

function drawFlowerBed(canvas: Canvas, view: Perspective): void {
  for (const [from, to, z] of [
    [1.15, 3.4, 6.2],
    [-3.6, -1.1, 5.2],
  ] as const) {
    const pen = view.penAt(canvas, z);
    pen.fill(
      linear([0, 0.1], [0, -0.08], 0x6d5140, 0x543d30),
      smooth([from, 0, to, 0, to + 0.1, -0.08, from - 0.1, -0.08]),
    );
    const blooms = [0xd9604f, 0xf0b84a, 0xf4e6d8, 0xa972a8, 0xe58fa0];
    for (let plant = 0; plant < 26; plant += 1) {
      const x = from + ((to - from) * plant) / 26;
      const height = 0.22 + 0.2 * chanceOf('plant', plant + from * 10);
      pen.fill(
        mixed(0x4f7a42, 0x8cab5c, chanceOf('plant green', plant)),
        limb([x, 0], [x + 0.02, height], 0.018, 0.01),
        ellipse(x + 0.05, height * 0.5, 0.055, 0.025),
        ellipse(x - 0.05, height * 0.38, 0.05, 0.022),
      );
      const bloom = blooms[Math.floor(chanceOf('bloom', plant + Math.round(z)) * blooms.length)]!;
      pen.fill(bloom, ellipse(x + 0.02, height, 0.056, 0.05));
      pen.fill(mixed(bloom, 0xfff4c0, 0.6), ellipse(x + 0.02, height, 0.02));
    }
  }
}

function drawPorchFloor(canvas: Canvas, view: Perspective): void {
  const step = view.penAt(canvas, PORCH_EDGE_Z);
  // The edge of the porch is a step down to the path.
  step.fill(linear([0, 0], [0, -0.14], 0x8d6a50, 0x6e503e), box(-4, -0.02, 4, -0.14));
  fill(canvas, [view.onGround([-4, 0.7, 4, 0.7, 4, PORCH_EDGE_Z, -4, PORCH_EDGE_Z])], 0x6b5140);
  const boards = 19;
  for (let board = 0; board < boards; board += 1) {
    const [left, right] = [
      -1.9 + (board * 3.8) / boards,
      -1.9 + ((board + 1) * 3.8) / boards - 0.012,
    ];
    const outline = view.onGround([left, 0.7, right, 0.7, right, PORCH_EDGE_Z, left, PORCH_EDGE_Z]);
    const colour = weathered(0xb08a68, chanceOf('board', board));
    fill(
      canvas,
      [outline],
      linear(
        [0, view.pixelOf(0, 0, PORCH_EDGE_Z)[1]],
        [0, view.size.height],
        mixed(colour, 0xfff0d8, 0.12),
        mixed(colour, 0x4a342a, 0.12),
      ),
    );
  }
  const mat = view.onGround([-0.62, 1.3, 0.62, 1.3, 0.62, 2.06, -0.62, 2.06]);
  fill(canvas, [mat], 0x6b5546);
  const inner = view.onGround([-0.55, 1.3, 0.55, 1.3, 0.55, 2.01, -0.55, 2.01]);
  fill(
    canvas,
    [inner],
    linear([0, view.size.height * 0.85], [0, view.size.height], 0x8f7358, 0x7d634c),
  );
  for (const x of [-0.42, -0.14, 0.14, 0.42]) {
    fill(
      canvas,
      [view.onGround([x - 0.05, 1.3, x + 0.05, 1.3, x + 0.05, 2.01, x - 0.05, 2.01])],
      0xa88a68,
    );
  }
}

function drawPorch(canvas: Canvas, view: Perspective): void {
  const pen = view.penAt(canvas, PILLAR_Z);
  for (const x of [-1.17, 1.17]) {
    pen.fill(
      linear([x - 0.09, 0], [x + 0.09, 0], 0xf6eee0, 0xe9dcc8, 0xbfae98),
      box(x - 0.085, 0, x + 0.085, 2.4),
    );
    for (const y of [0.05, 0.18, 2.2])
      pen.fill(
        linear([x - 0.12, 0], [x + 0.12, 0], 0xfbf4e8, 0xc9b8a2),
        box(x - 0.12, y - 0.05, x + 0.12, y + 0.03),
      );
    drawRailing(pen, x);
  }
  const [, beamY] = view.pixelOf(0, 2.32, PILLAR_Z);
  fill(canvas, [box(0, 0, view.size.width, beamY)], linear([0, 0], [0, beamY], 0xa8937c, 0xe6d8c2));
  fill(canvas, [box(0, beamY - 5, view.size.width, beamY)], 0xb9a68e);
  const slats = 12;
  for (let slat = 1; slat < slats; slat += 1) {
    const x = (slat / slats) * 2 - 1;
    const from = view.pixelOf(x * 1.6, 2.32, PILLAR_Z);
    fill(
      canvas,
      [
        [
          from[0] - 0.7,
          beamY - 5,
          from[0] + 0.7,
          beamY - 5,
          from[0] + x * 60 + 1.2,
          0,
          from[0] + x * 60 - 1.2,
          0,
        ],
      ],
      0x9c866f,
    );
  }
  drawLantern(canvas, view);
  drawPot(view.penAt(canvas, 2.2, { x: -0.83 }));
}

function drawRailing(pen: Pen, x: number): void {
  const outer = x < 0 ? -2.4 : 2.4;
  for (let post = 1; post < 8; post += 1) {
    const at = x + ((outer - x) * post) / 8;
    pen.fill(0xe4d7c2, box(at - 0.022, 0.12, at + 0.022, 0.86));
  }
  pen.fill(
    linear([0, 0.93], [0, 0.84], 0xf8f0e2, 0xcdbca6),
    box(Math.min(x, outer), 0.85, Math.max(x, outer), 0.93),
  );
  pen.fill(0xd8c9b4, box(Math.min(x, outer), 0.1, Math.max(x, outer), 0.15));
}

function drawLantern(canvas: Canvas, view: Perspective): void {
  const { x, y, z } = LANTERN;
  const pen = view.penAt(canvas, z, { x });
  const iron = 0x3a3230;
  pen.fill(iron, limb([0, y + 0.1], [0, y + 0.5], 0.008));
  pen.fill(linear([-0.06, 0], [0.06, 0], 0xfff2d0, 0xe8d2a0), [
    -0.055,
    y + 0.04,
    0.055,
    y + 0.04,
    0.075,
    y - 0.13,
    -0.075,
    y - 0.13,
  ]);
  pen.fill(
    iron,
    [-0.035, y + 0.1, 0.035, y + 0.1, 0.1, y + 0.03, -0.1, y + 0.03],
    box(-0.085, y - 0.15, 0.085, y - 0.125),
    limb([0, y + 0.04], [0, y - 0.13], 0.006),
    limb([-0.055, y + 0.04], [-0.075, y - 0.13], 0.007),
    limb([0.055, y + 0.04], [0.075, y - 0.13], 0.007),
  );
}

function drawPot(pen: Pen): void {
  pen.fill(soft([0, 0], [0.3, 0.08], 0x241a18, 0.5), ellipse(0, 0, 0.3, 0.08));
  for (let leaf = 0; leaf < 22; leaf += 1) {
    const angle = Math.PI * (0.08 + 0.84 * (leaf / 21));
    const reach = 0.26 + 0.12 * chanceOf('pot leaf', leaf);
    const tip = [reach * 0.8 * Math.cos(angle), 0.32 + reach * Math.sin(angle)] as const;
    pen.fill(
      mixed(0x4c7a46, 0x9dbb68, chanceOf('pot green', leaf)),
      limb([0, 0.3], tip, 0.03, 0.012),
    );
    if (leaf % 3 === 0) pen.fill(0xd8675a, ellipse(tip[0], tip[1], 0.042));
    if (leaf % 3 === 0) pen.fill(0xf4c86a, ellipse(tip[0], tip[1], 0.015));
  }
  pen.fill(
    linear([-0.17, 0], [0.17, 0], 0xcf8458, 0xb8683f, 0x8a4a30),
    [-0.17, 0.32, 0.17, 0.32, 0.12, 0, -0.12, 0],
  );
  pen.fill(linear([-0.19, 0], [0.19, 0], 0xdb9266, 0x97553a), box(-0.19, 0.29, 0.19, 0.36));
}

// The hedge along the street, and the gap in it that leads to the door.
function drawGate(canvas: Canvas, view: Perspective): void {
  const pen = view.penAt(canvas, HEDGE_Z);
  const [left, right] = [pathX(HEDGE_Z) - 0.75, pathX(HEDGE_Z) + 0.75];
  drawHedge(pen, -9, left, 1.05);
  drawHedge(pen, right, 9, 1.05);
  for (const x of [left, right]) {
    pen.fill(0xf1e7d6, box(x - 0.08, 0, x + 0.08, 1.25));
    pen.fill(0xfbf4e8, ellipse(x, 1.32, 0.1));
  }
}

function drawGardenTree(canvas: Canvas, view: Perspective): void {
  drawTree(view.penAt(canvas, TREE_Z), -3.1, 4.3, 0x7a9f52);
}

function drawGlow(canvas: Canvas, view: Perspective): void {
  const far = view.penAt(canvas, 24);
  for (const house of HOUSES) drawLitWindows(far, house);
  const [x, y] = view.pixelOf(LANTERN.x, LANTERN.y, LANTERN.z);
  const radius = view.size.height * 0.2;
  fill(canvas, [ellipse(x, y, radius)], soft([x, y], [radius, radius], 0xffc878, 0.6));
}

/** See the head of this file. */
export const PORCH: Place = {
  eye: { heightM: 1.42, horizon: 0.42, focal: 0.74 },
  routes: {
    person: [
      { x: 7, z: 10.6 },
      { x: pathX(9.4), z: 10.4 },
      { x: pathX(8), z: 8 },
      { x: pathX(6), z: 6 },
      { x: pathX(4.4), z: 4.4 },
      { x: 0, z: 2.9 },
      { x: -0.06, z: 1.62, stopS: 7 },
      { x: 0, z: 2.9 },
      { x: pathX(4.4), z: 4.4 },
      { x: pathX(6), z: 6 },
      { x: pathX(8), z: 8 },
      { x: pathX(9.4), z: 10.4 },
      { x: -7, z: 10.6 },
    ],
    dog: [
      { x: 3.6, z: 5.4 },
      { x: 0.5, z: 3.4 },
      { x: -0.16, z: 2.15, stopS: 6 },
      { x: -0.7, z: 3.4 },
      { x: -4, z: 5.4 },
    ],
    parcel: { x: 0.42, z: 2.12 },
  },
  lamps: [{ x: LANTERN.x, z: LANTERN.z, heightM: LANTERN.y, reachM: 1.9, strength: 1.05 }],
  drawFar,
  drawGround,
  occluders: [
    { z: HEDGE_Z, draw: drawGate },
    { z: TREE_Z, draw: drawGardenTree },
    // The pot stands a little nearer than the pillars.
    { z: PILLAR_Z - 0.25, draw: drawPorch },
  ],
  drawGlow,
};
