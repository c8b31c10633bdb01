/** People who walk past, to the right; mirrored to the left. */
import { drawParcel } from './parcel.ts';
import { narrowCloth, type PersonLook, type PersonPose } from './person-look.ts';
import { ellipse, limb, smooth } from './raster/outline.ts';
import { linear, mixed } from './raster/paint.ts';
import type { Pen } from './raster/pen.ts';

/** Draws somebody in profile; `phase`: where in their stride they are, in radians. */
export function drawFromTheSide(pen: Pen, look: PersonLook, pose: PersonPose, phase: number): void {
  const bob = pose.walking ? 0.02 * Math.abs(Math.cos(phase)) : 0;
  const swing = pose.walking ? Math.sin(phase) : 0.12;
  for (const [sign, colour] of [
    [-1, mixed(look.trousers, 0x141014, 0.3)],
    [1, look.trousers],
  ] as const) {
    drawSideLeg(pen, colour, swing * sign, bob);
  }
  drawSideArm(pen, mixed(look.coat, 0x20181c, 0.35), look, { swing, bob });
  pen.fill(
    linear(
      [-0.2, 1],
      [0.2, 1],
      mixed(look.coat, 0x20181c, 0.3),
      look.coat,
      mixed(look.coat, 0xfff0d8, 0.12),
    ),
    smooth([
      -0.07,
      1.455 + bob,
      -0.155,
      1.36 + bob,
      -0.17,
      1.1 + bob,
      -0.205,
      0.7 + bob,
      0,
      0.672 + bob,
      0.2,
      0.7 + bob,
      0.15,
      1.05 + bob,
      0.145,
      1.32 + bob,
      0.08,
      1.45 + bob,
    ]),
  );
  const y = 1.585 + bob;
  if (look.head === 'long hair')
    pen.fill(
      look.hair,
      smooth([-0.13, y + 0.06, -0.16, y - 0.12, -0.13, y - 0.25, -0.03, y - 0.22, 0, y + 0.1]),
    );
  pen.fill(narrowCloth(look.scarf, 0.2), limb([-0.06, 1.43 + bob], [0.07, 1.43 + bob], 0.048));
  pen.fill(
    look.skin,
    smooth([
      -0.09,
      y,
      -0.05,
      y - 0.11,
      0.045,
      y - 0.115,
      0.092,
      y - 0.06,
      0.125,
      y - 0.025,
      0.098,
      y + 0.02,
      0.09,
      y + 0.09,
      0,
      y + 0.13,
      -0.08,
      y + 0.09,
    ]),
  );
  pen.fill(0x2b2024, ellipse(0.064, y + 0.014, 0.01, 0.015));
  pen.fill(
    look.hair,
    smooth([
      -0.12,
      y - 0.02,
      -0.115,
      y + 0.09,
      -0.02,
      y + 0.15,
      0.085,
      y + 0.105,
      0.07,
      y + 0.07,
      0,
      y + 0.05,
      -0.03,
      y - 0.05,
      -0.085,
      y - 0.09,
    ]),
  );
  if (look.head === 'beanie' || look.head === 'cap') {
    const cloth = look.head === 'cap' ? look.coat : look.scarf;
    pen.fill(
      narrowCloth(cloth, 0.2),
      smooth([
        -0.125,
        y + 0.05,
        -0.1,
        y + 0.14,
        -0.01,
        y + 0.185,
        0.09,
        y + 0.13,
        0.11,
        y + 0.055,
        0,
        y + 0.065,
      ]),
    );
    if (look.head === 'cap')
      pen.fill(mixed(cloth, 0x1a1414, 0.35), limb([0.07, y + 0.06], [0.19, y + 0.045], 0.014));
    else pen.fill(look.coat, ellipse(-0.02, y + 0.2, 0.035));
  }
  if (pose.carrying) drawParcel(pen, [0.26, 0.95 + bob]);
  drawSideArm(pen, look.coat, look, pose.carrying ? { swing: -1.9, bob } : { swing: -swing, bob });
}

function drawSideLeg(pen: Pen, colour: number, swing: number, bob: number): void {
  const hip = [0, 0.84 + bob] as const;
  const bend = Math.max(0, -swing) * 0.05;
  const knee = [0.2 * swing + 0.03, 0.46 + bob] as const;
  const foot = [0.37 * swing - bend, 0.075 + Math.max(0, -swing) * 0.07] as const;
  pen.fill(colour, limb(hip, knee, 0.092, 0.075), limb(knee, foot, 0.075, 0.06));
  pen.fill(
    0x40302a,
    limb([foot[0] - 0.01, foot[1] - 0.02], [foot[0] + 0.1, foot[1] - 0.035], 0.05, 0.036),
  );
}

function drawSideArm(
  pen: Pen,
  colour: number,
  look: PersonLook,
  { swing, bob }: { swing: number; bob: number },
): void {
  const shoulder = [-0.02, 1.34 + bob] as const;
  const angle = -Math.PI / 2 - swing * 0.5;
  const elbow = [
    shoulder[0] + 0.27 * Math.cos(angle),
    shoulder[1] + 0.27 * Math.sin(angle),
  ] as const;
  const lower = angle + 0.35;
  const hand = [elbow[0] + 0.25 * Math.cos(lower), elbow[1] + 0.25 * Math.sin(lower)] as const;
  pen.fill(look.scarf, ellipse(hand[0], hand[1], 0.05));
  pen.fill(
    mixed(colour, 0x20181c, 0.2),
    limb(shoulder, elbow, 0.082, 0.07),
    limb(elbow, hand, 0.07, 0.058),
  );
  pen.fill(colour, limb(shoulder, elbow, 0.073, 0.062), limb(elbow, hand, 0.062, 0.05));
}
