/** What stands around houses: sky, hills, trees, hedges, neighbours. All drawn by daylight. */
import type { Perspective } from '../perspective.ts';
import type { Canvas } from '../raster/canvas.ts';
import { fill } from '../raster/fill.ts';
import { box, ellipse, smooth } from '../raster/outline.ts';
import { linear, mixed, soft, translucent } from '../raster/paint.ts';
import type { Pen } from '../raster/pen.ts';
import { chanceOf } from '../chance.ts';

/** The sky from the top of the picture to the horizon, with two or three clouds or with stars. */
export function drawSky(canvas: Canvas, view: Perspective, night: boolean): void {
  const { width } = view.size;
  const bottom = view.horizonY + 2;
  const colours = night
    ? [0x0b1226, 0x131d38, 0x26304e, 0x3d4058]
    : [0x8fbfe0, 0xb4d6e8, 0xdcebea, 0xf8ecd8];
  fill(canvas, [box(0, 0, width, bottom)], linear([0, 0], [0, bottom], ...colours));
  if (night) drawStars(canvas, view);
  else drawClouds(canvas, view);
}

function drawStars(canvas: Canvas, view: Perspective): void {
  for (let star = 0; star < 70; star += 1) {
    const x = chanceOf('star x', star) * view.size.width;
    const y = chanceOf('star y', star) ** 1.5 * view.horizonY * 0.9;
    const radius = (0.5 + chanceOf('star size', star)) * (view.size.height / 900);
    const alpha = 0.35 + 0.5 * chanceOf('star light', star);
    fill(canvas, [ellipse(x, y, radius)], translucent(0xfff4dc, alpha));
  }
  const [x, y, radius] = [0.43 * view.size.width, 0.46 * view.horizonY, 0.024 * view.size.height];
  fill(canvas, [ellipse(x, y, radius * 5)], soft([x, y], [radius * 5, radius * 5], 0xcdd6f0, 0.3));
  fill(canvas, [ellipse(x, y, radius)], 0xf4eedb);
  // The unlit part, in the colour of the sky behind it.
  fill(canvas, [ellipse(x - radius * 0.45, y - radius * 0.2, radius * 0.86)], 0x17213d);
}

function drawClouds(canvas: Canvas, view: Perspective): void {
  const unit = view.size.height / 10;
  for (const [x, y, size] of [
    [0.22, 0.3, 1],
    [0.78, 0.5, 0.75],
    [0.55, 0.16, 0.6],
  ] as const) {
    for (let puff = 0; puff < 7; puff += 1) {
      const px = x * view.size.width + (puff - 3) * 0.36 * unit * size;
      const py = y * view.horizonY - (3 - Math.abs(puff - 3)) * 0.07 * unit * size;
      const radius = (0.45 - 0.07 * Math.abs(puff - 3)) * unit * size;
      const radii = [radius * 1.5, radius * 0.8] as const;
      fill(canvas, [ellipse(px, py, ...radii)], soft([px, py], radii, 0xffffff, 0.75));
    }
  }
}

/** Two lines of hills on the horizon. */
export function drawHills(canvas: Canvas, view: Perspective): void {
  const { width, height } = view.size;
  for (const [lift, colour, phase] of [
    [0.05, 0xb9cfc6, 0.4],
    [0.028, 0x9dbba4, 2.1],
  ] as const) {
    const ridge: number[] = [];
    for (let step = 0; step <= 40; step += 1) {
      const wave = Math.sin(step * 0.21 + phase) + 0.5 * Math.sin(step * 0.47 + phase * 2);
      ridge.push((step / 40) * width, view.horizonY - height * lift * (0.7 + 0.3 * wave));
    }
    fill(canvas, [[...ridge, width, view.horizonY + 2, 0, view.horizonY + 2]], colour);
  }
}

/** Grass from the horizon to the bottom of the picture. */
export function drawLawn(canvas: Canvas, view: Perspective): void {
  const { width, height } = view.size;
  const [top, bottom] = [view.horizonY, height];
  fill(
    canvas,
    [box(0, top, width, bottom)],
    linear([0, top], [0, bottom], 0xa9bf7f, 0x93b06b, 0x7d9d58, 0x6c8d4c),
  );
}

/** Blades and flowers on the lawn, where `free` says that there is room. */
export function drawTufts(
  canvas: Canvas,
  view: Perspective,
  free: (x: number, z: number) => boolean,
): void {
  for (let tuft = 0; tuft < 260; tuft += 1) {
    const z = 2.4 + 9 * chanceOf('tuft z', tuft) ** 1.6;
    const x = (chanceOf('tuft x', tuft) * 2 - 1) * view.halfWidthAt(z);
    if (!free(x, z)) continue;
    const pen = view.penAt(canvas, z, { x });
    const kind = chanceOf('tuft kind', tuft);
    const green = mixed(0x5f8243, 0x9db96c, chanceOf('tuft green', tuft));
    for (const lean of [-0.025, 0, 0.025]) {
      pen.fill(green, [lean - 0.008, 0, lean + 0.008, 0, lean * 2.4, 0.05 + 0.03 * kind]);
    }
    const petals = kind > 0.9 ? 0xfdf6ec : kind > 0.84 ? 0xf3c74c : undefined;
    if (petals !== undefined) pen.fill(petals, ellipse(0, 0.075, 0.02, 0.016));
  }
}

/** A leafy tree: `height` in metres to its top. */
export function drawTree(pen: Pen, x: number, height: number, leaves = 0x6f9a55): void {
  const [trunk, crown] = [height * 0.42, height * 0.34];
  pen.fill(linear([x - 0.12, 0], [x + 0.14, 0], 0x8a6a4c, 0x5d4433), [
    x - 0.14,
    0,
    x + 0.14,
    0,
    x + 0.07,
    trunk,
    x - 0.07,
    trunk,
  ]);
  const centreY = height - crown;
  const rim: number[] = [];
  for (let lobe = 0; lobe < 14; lobe += 1) {
    const angle = (lobe / 14) * 2 * Math.PI;
    const reach = crown * (lobe % 2 === 0 ? 1.04 : 0.9);
    rim.push(x + reach * 0.92 * Math.cos(angle), centreY + reach * Math.sin(angle));
  }
  const dark = mixed(leaves, 0x2c4a34, 0.5);
  pen.fill(
    linear([x - crown, centreY + crown], [x + crown, centreY - crown], leaves, dark),
    smooth(rim),
  );
  const light = mixed(leaves, 0xf2e7a0, 0.4);
  for (let leaf = 0; leaf < 16; leaf += 1) {
    const angle = chanceOf('leaf turn', leaf) * 2 * Math.PI;
    const reach = crown * 0.75 * Math.sqrt(chanceOf('leaf reach', leaf));
    const at = [x + reach * Math.cos(angle), centreY + reach * Math.sin(angle)] as const;
    const size = crown * (0.1 + 0.1 * chanceOf('leaf size', leaf));
    const sunny = at[1] - at[0] + x > centreY;
    pen.fill(translucent(sunny ? light : dark, 0.3), ellipse(...at, size, size * 0.8));
  }
}

/** A clipped hedge between two places. */
export function drawHedge(pen: Pen, from: number, to: number, height: number): void {
  const top: number[] = [];
  const steps = Math.max(4, Math.round((to - from) / 0.18));
  for (let step = 0; step <= steps; step += 1) {
    const x = from + ((to - from) * step) / steps;
    top.push(x, height * (0.95 + 0.07 * chanceOf('hedge', Math.round(x * 10))));
  }
  pen.fill(
    linear([0, height], [0, 0], 0x7d9f5c, 0x5d8349, 0x3d5d3a),
    smooth([...top, to + 0.03, height * 0.5, to, 0, from, 0, from - 0.03, height * 0.5]),
  );
  for (let leaf = 0; leaf < steps * 4; leaf += 1) {
    const x = from + (to - from) * chanceOf('hedge leaf x', leaf);
    const y = height * (0.12 + 0.8 * chanceOf('hedge leaf y', leaf));
    const colour = chanceOf('hedge leaf', leaf) > 0.5 ? 0xa6bf74 : 0x35543a;
    pen.fill(translucent(colour, 0.35), ellipse(x, y, 0.06, 0.04));
  }
}

/** How a neighbour's house looks. */
export interface HouseLook {
  readonly x: number;
  readonly width: number;
  /** To the eaves. */
  readonly height: number;
  readonly wall: number;
  readonly roof: number;
}

/** A house seen from the street, gable to the front. */
export function drawHouse(pen: Pen, { x, width, height, wall, roof }: HouseLook): void {
  const [left, right, ridge] = [x - width / 2, x + width / 2, height + width * 0.42];
  pen.fill(
    linear([left, 0], [right, 0], wall, mixed(wall, 0x5a4a48, 0.18)),
    box(left, 0, right, height),
  );
  pen.fill(mixed(wall, 0x5a4a48, 0.08), [left, height, right, height, x, ridge - 0.25]);
  const eaves = width * 0.06;
  pen.fill(
    mixed(roof, 0x3a2a2a, 0.25),
    box(x + width * 0.2, height + 0.9, x + width * 0.3, ridge + 0.5),
  );
  pen.fill(
    linear([0, ridge], [0, height], roof, mixed(roof, 0x3a2a2a, 0.25)),
    [left - eaves, height - 0.12, left - eaves, height + 0.2, x, ridge + 0.28, x, ridge - 0.3],
    [right + eaves, height - 0.12, x, ridge - 0.3, x, ridge + 0.28, right + eaves, height + 0.2],
  );
  for (const window of windowsOf({ x, width, height })) {
    const [wx, wy] = window;
    pen.fill(0xf6efe2, box(wx - 0.5, wy - 0.62, wx + 0.5, wy + 0.62));
    pen.fill(
      linear([0, wy + 0.55], [0, wy - 0.55], 0x86a7b5, 0x5d7d8d),
      box(wx - 0.42, wy - 0.54, wx + 0.42, wy + 0.54),
    );
    pen.fill(
      0xf6efe2,
      box(wx - 0.03, wy - 0.54, wx + 0.03, wy + 0.54),
      box(wx - 0.42, wy - 0.03, wx + 0.42, wy + 0.03),
    );
  }
  pen.fill(0x7c5a48, box(x - 0.45, 0, x + 0.45, 1.95));
}

/** Light behind a house's windows, drawn after night has fallen on the rest. */
export function drawLitWindows(pen: Pen, house: HouseLook): void {
  for (const [index, [x, y]] of windowsOf(house).entries()) {
    if (chanceOf(`lit ${String(house.x)}`, index) < 0.35) continue;
    pen.fill(soft([x, y], [1.6, 1.6], 0xffc46b, 0.35), ellipse(x, y, 1.6));
    for (const [dx, dy] of [
      [-0.225, -0.285],
      [0.225, -0.285],
      [-0.225, 0.285],
      [0.225, 0.285],
    ] as const) {
      pen.fill(0xffd58a, box(x + dx - 0.19, y + dy - 0.25, x + dx + 0.19, y + dy + 0.25));
    }
  }
}

function windowsOf({
  x,
  width,
  height,
}: Pick<HouseLook, 'x' | 'width' | 'height'>): [number, number][] {
  const side = width * 0.3;
  const lower: [number, number][] = [
    [x - side, 1.35],
    [x + side, 1.35],
  ];
  const upper: [number, number][] = [
    [x - side, height - 0.9],
    [x, height - 0.9],
    [x + side, height - 0.9],
  ];
  return height > 4 ? [...lower, ...upper] : [...lower, [x, height + width * 0.12]];
}
