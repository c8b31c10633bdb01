/** Draws dogs from the side, looking to the right. Metres; the pen stands between their feet. */
import { ellipse, limb, smooth } from './raster/outline.ts';
import { linear, mixed, soft } from './raster/paint.ts';
import type { Pen } from './raster/pen.ts';

/** How a dog looks. */
export interface DogLook {
  readonly coat: number;
  readonly patch: number;
  readonly collar: number;
  readonly ears: 'hanging' | 'upright';
  readonly tail: 'feathered' | 'short';
  /** 1 is 0.6 m to the shoulder. */
  readonly size: number;
}

/** The dogs of the street. */
export const DOGS: readonly DogLook[] = [
  {
    coat: 0xc98b4e,
    patch: 0xe9c893,
    collar: 0xb23a3a,
    ears: 'hanging',
    tail: 'feathered',
    size: 0.95,
  },
  { coat: 0xf0e6d6, patch: 0x4a3a34, collar: 0x2f6f86, ears: 'upright', tail: 'short', size: 0.68 },
];

/** What a dog does. */
export interface DogPose {
  readonly walkedM: number;
  readonly walking: boolean;
  /** Seconds since it barked; undefined when it did not. */
  readonly barkedS: number | undefined;
  readonly seconds: number;
}

/** A trot of two beats, in metres. */
const STRIDE_M = 0.75;

/** How long a mouth stays open. */
const BARK_S = 0.3;

/** Draws a dog that trots, or sits while it waits. */
export function drawDog(pen: Pen, look: DogLook, pose: DogPose): void {
  pen.fill(soft([0, 0.01], [0.5, 0.09], 0x1f1a22, 0.55), ellipse(0, 0.01, 0.5, 0.09));
  const barking = pose.barkedS !== undefined && pose.barkedS < BARK_S;
  if (pose.walking) drawTrotting(pen, look, pose);
  else drawSitting(pen, look, pose, barking);
}

function drawTrotting(pen: Pen, look: DogLook, pose: DogPose): void {
  const phase = (pose.walkedM / STRIDE_M) * 2 * Math.PI;
  const bob = 0.015 * Math.cos(phase * 2);
  const far = mixed(look.coat, 0x2a1a14, 0.3);
  // Diagonal pairs move together.
  drawLeg(pen, far, { x: -0.27, swing: Math.sin(phase), bob });
  drawLeg(pen, far, { x: 0.2, swing: -Math.sin(phase), bob });
  drawTail(pen, look, {
    root: [-0.36, 0.56 + bob],
    angle: 2.3 + 0.3 * Math.sin(pose.seconds * 11),
  });
  pen.fill(
    linear(
      [0, 0.66],
      [0, 0.3],
      mixed(look.coat, 0xfff0d8, 0.15),
      look.coat,
      mixed(look.coat, 0x2a1a14, 0.25),
    ),
    smooth([
      -0.38,
      0.52 + bob,
      -0.3,
      0.61 + bob,
      0,
      0.6 + bob,
      0.22,
      0.63 + bob,
      0.33,
      0.55 + bob,
      0.3,
      0.38 + bob,
      0.12,
      0.33 + bob,
      -0.1,
      0.37 + bob,
      -0.3,
      0.38 + bob,
      -0.39,
      0.44 + bob,
    ]),
  );
  pen.fill(
    look.patch,
    smooth([
      0.3,
      0.52 + bob,
      0.33,
      0.44 + bob,
      0.25,
      0.35 + bob,
      0.12,
      0.335 + bob,
      0.22,
      0.42 + bob,
    ]),
  );
  drawLeg(pen, look.coat, { x: -0.25, swing: -Math.sin(phase), bob });
  drawLeg(pen, look.coat, { x: 0.23, swing: Math.sin(phase), bob });
  drawHead(pen, look, { neck: [0.28, 0.56 + bob], head: [0.42, 0.74 + bob], barking: false });
}

function drawSitting(pen: Pen, look: DogLook, pose: DogPose, barking: boolean): void {
  const breath = 0.005 * Math.sin(pose.seconds * 6);
  drawTail(pen, look, { root: [-0.27, 0.12], angle: 2.6 + 0.35 * Math.sin(pose.seconds * 9) });
  pen.fill(
    linear(
      [-0.2, 0.5],
      [0.15, 0.1],
      mixed(look.coat, 0xfff0d8, 0.12),
      look.coat,
      mixed(look.coat, 0x2a1a14, 0.22),
    ),
    smooth([
      -0.3,
      0.06,
      -0.33,
      0.22,
      -0.22,
      0.42,
      -0.02,
      0.62,
      0.13,
      0.66,
      0.21 + breath,
      0.5,
      0.19,
      0.25,
      0.13,
      0.04,
      -0.1,
      0.03,
    ]),
  );
  pen.fill(look.patch, smooth([0.1, 0.6, 0.2 + breath, 0.5, 0.18, 0.3, 0.1, 0.38]));
  const leg = mixed(look.coat, 0xfff0d8, 0.06);
  pen.fill(mixed(look.coat, 0x2a1a14, 0.25), limb([0.1, 0.4], [0.12, 0.05], 0.06, 0.042));
  pen.fill(leg, limb([0.14, 0.4], [0.18, 0.05], 0.065, 0.045));
  pen.fill(look.patch, limb([0.17, 0.035], [0.24, 0.03], 0.036, 0.03));
  pen.fill(mixed(look.coat, 0x2a1a14, 0.12), ellipse(-0.17, 0.18, 0.145, 0.15));
  pen.fill(leg, limb([-0.14, 0.045], [0.04, 0.035], 0.045, 0.034));
  drawHead(pen, look, { neck: [0.1, 0.62], head: [0.2, 0.82 + breath], barking });
}

function drawLeg(
  pen: Pen,
  colour: number,
  { x, swing, bob }: { x: number; swing: number; bob: number },
): void {
  const knee = [x + 0.06 * swing, 0.24 + bob] as const;
  const paw = [x + 0.16 * swing, 0.035 + Math.max(0, -swing) * 0.05] as const;
  pen.fill(colour, limb([x, 0.44 + bob], knee, 0.075, 0.045), limb(knee, paw, 0.045, 0.034));
  pen.fill(mixed(colour, 0xfff0d8, 0.25), limb(paw, [paw[0] + 0.04, paw[1] - 0.006], 0.036, 0.03));
}

function drawTail(
  pen: Pen,
  look: DogLook,
  { root, angle }: { root: readonly [number, number]; angle: number },
): void {
  const length = look.tail === 'short' ? 0.16 : 0.34;
  const tip = [root[0] + length * Math.cos(angle), root[1] + length * Math.sin(angle)] as const;
  pen.fill(
    mixed(look.coat, 0x2a1a14, 0.12),
    limb(root, tip, 0.04, look.tail === 'short' ? 0.02 : 0.05),
  );
  if (look.tail === 'feathered') pen.fill(look.patch, ellipse(tip[0], tip[1], 0.05));
}

function drawHead(
  pen: Pen,
  look: DogLook,
  {
    neck,
    head,
    barking,
  }: { neck: readonly [number, number]; head: readonly [number, number]; barking: boolean },
): void {
  const [x, y] = head;
  const coat = look.coat;
  pen.fill(coat, limb(neck, [x - 0.03, y - 0.02], 0.12, 0.09));
  const collarAt = [neck[0] * 0.55 + x * 0.45, neck[1] * 0.55 + y * 0.45] as const;
  pen.fill(
    look.collar,
    limb(
      [collarAt[0] - 0.09, collarAt[1] + 0.045],
      [collarAt[0] + 0.09, collarAt[1] - 0.045],
      0.022,
    ),
  );
  pen.fill(0xf0c860, ellipse(collarAt[0] + 0.085, collarAt[1] - 0.075, 0.022));
  drawEar(pen, look, [x - 0.02, y + 0.05], true);
  const jaw = barking ? -0.075 : -0.045;
  if (barking)
    pen.fill(
      0x8c3236,
      smooth([x + 0.05, y - 0.03, x + 0.2, y - 0.03, x + 0.18, y - 0.085, x + 0.06, y - 0.07]),
    );
  pen.fill(
    mixed(look.patch, 0x6a4a3a, 0.12),
    limb([x + 0.05, y - 0.04], [x + 0.17, y + jaw - 0.01], 0.045, 0.027),
  );
  pen.fill(
    linear([0, y + 0.1], [0, y - 0.1], mixed(coat, 0xfff0d8, 0.15), coat),
    ellipse(x, y, 0.115, 0.105),
  );
  pen.fill(look.patch, limb([x + 0.07, y - 0.012], [x + 0.2, y - 0.018], 0.058, 0.042));
  pen.fill(
    0x2b2024,
    ellipse(x + 0.235, y + 0.005, 0.028, 0.023),
    ellipse(x + 0.062, y + 0.036, 0.0155, 0.0175),
  );
  pen.fill(0xffffff, ellipse(x + 0.067, y + 0.041, 0.0048));
  drawEar(pen, look, [x - 0.045, y + 0.045], false);
}

function drawEar(pen: Pen, look: DogLook, [x, y]: readonly [number, number], far: boolean): void {
  const colour = mixed(
    look.ears === 'upright' ? look.patch : look.coat,
    0x3a2018,
    far ? 0.45 : 0.28,
  );
  if (look.ears === 'upright') {
    const shift = far ? 0.07 : 0;
    pen.fill(
      colour,
      smooth([x - 0.05 + shift, y, x - 0.02 + shift, y + 0.14, x + 0.06 + shift, y + 0.02]),
    );
    return;
  }
  if (!far)
    pen.fill(
      colour,
      smooth([
        x - 0.03,
        y + 0.03,
        x - 0.085,
        y - 0.08,
        x - 0.05,
        y - 0.17,
        x + 0.015,
        y - 0.13,
        x + 0.04,
        y + 0.02,
      ]),
    );
}
