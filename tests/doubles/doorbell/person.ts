/** Draws people: simple, in warm coats. Metres; the pen stands between their feet. */
import { ellipse, limb, smooth } from './raster/outline.ts';
import { linear, mixed, soft, type Paint } from './raster/paint.ts';
import type { Pen } from './raster/pen.ts';
import { drawParcel } from './parcel.ts';

/** How somebody looks. */
export interface PersonLook {
  readonly coat: number;
  readonly trousers: number;
  readonly scarf: number;
  readonly skin: number;
  readonly hair: number;
  readonly head: 'beanie' | 'cap' | 'long hair' | 'short hair';
  /** 1 is 1.75 m. */
  readonly height: number;
}

/** Neighbours. */
export const PEOPLE: readonly PersonLook[] = [
  {
    coat: 0xc8553d,
    trousers: 0x3b4a63,
    scarf: 0xf1dfb8,
    skin: 0xf0c3a0,
    hair: 0x5b3a29,
    head: 'beanie',
    height: 1,
  },
  {
    coat: 0xe0a93f,
    trousers: 0x55504d,
    scarf: 0x3f6b72,
    skin: 0x9a6647,
    hair: 0x2a1f1c,
    head: 'long hair',
    height: 0.95,
  },
  {
    coat: 0x3f6b72,
    trousers: 0x4d3f3a,
    scarf: 0xd9825b,
    skin: 0xe6b48f,
    hair: 0xb9b2a8,
    head: 'short hair',
    height: 1.04,
  },
  {
    coat: 0x7a5a86,
    trousers: 0x39424e,
    scarf: 0xe7c8c0,
    skin: 0xf3cfae,
    hair: 0x8a4b2c,
    head: 'long hair',
    height: 0.92,
  },
];

/** Who brings parcels. */
export const COURIER: PersonLook = {
  coat: 0x6b4a34,
  trousers: 0x5a4030,
  scarf: 0xdba24a,
  skin: 0xc98f68,
  hair: 0x2f2320,
  head: 'cap',
  height: 1.02,
};

/** What somebody does. */
export interface PersonPose {
  readonly view: 'front' | 'back' | 'side';
  /** Metres walked: legs and arms go by it. */
  readonly walkedM: number;
  readonly walking: boolean;
  /** 0: arm down, 1: finger on the bell. */
  readonly reach: number;
  readonly carrying: boolean;
  /** Seconds, for blinking and breathing. */
  readonly seconds: number;
}

/** Two steps, in metres. */
const STRIDE_M = 1.3;

/** Draws somebody from the ground up. */
export function drawPerson(pen: Pen, look: PersonLook, pose: PersonPose): void {
  const phase = pose.walking ? (pose.walkedM / STRIDE_M) * 2 * Math.PI : 0;
  pen.fill(soft([0, 0.01], [0.5, 0.1], 0x1f1a22, 0.55), ellipse(0, 0.01, 0.5, 0.1));
  if (pose.view === 'side') drawFromTheSide(pen, look, pose, phase);
  else drawUpright(pen, look, pose, phase);
}

function drawUpright(pen: Pen, look: PersonLook, pose: PersonPose, phase: number): void {
  const front = pose.view === 'front';
  const bob = pose.walking
    ? 0.018 * Math.abs(Math.cos(phase))
    : 0.004 * Math.sin(pose.seconds * 1.7);
  for (const side of [-1, 1]) {
    const lift = pose.walking ? Math.max(0, Math.sin(phase) * side) : 0;
    const foot = [side * 0.105, 0.07 + 0.1 * lift] as const;
    pen.fill(shaded(look.trousers, 0.12), limb([side * 0.09, 0.82], foot, 0.088, 0.07));
    pen.fill(
      0x40302a,
      ellipse(foot[0] + side * 0.012, foot[1] - 0.02, 0.082, 0.055 - 0.015 * lift),
    );
  }
  const swing = pose.walking ? 0.06 * Math.sin(phase) : 0;
  const arms = [
    { side: -1, hand: [-0.3, 0.83 + swing] as const },
    { side: 1, hand: [0.3, 0.83 - swing] as const },
  ];
  if (!front) drawArms(pen, look, arms, bob);
  pen.fill(shaded(look.coat, 0.28), coatOutline(bob));
  pen.fill(mixed(look.coat, 0x20181c, 0.22), limb([0, 0.72 + bob], [0, 1.3 + bob], 0.007));
  if (front) {
    for (const y of [0.86, 1.02, 1.18])
      pen.fill(mixed(look.coat, 0xfff0d8, 0.55), ellipse(0.035, y + bob, 0.014));
    const pocket = mixed(look.coat, 0x20181c, 0.2);
    for (const side of [-1, 1])
      pen.fill(pocket, limb([side * 0.1, 0.93 + bob], [side * 0.19, 0.96 + bob], 0.009));
  }
  drawHead(pen, look, pose, bob);
  if (!front) return;
  drawFrontArms(pen, look, pose, { arms, bob });
}

function drawFrontArms(
  pen: Pen,
  look: PersonLook,
  pose: PersonPose,
  { arms, bob }: { arms: readonly Arm[]; bob: number },
): void {
  if (pose.carrying) {
    drawParcel(pen, [0, 0.98 + bob]);
    const held = [
      { side: -1, hand: [-0.17, 1.02] as const },
      { side: 1, hand: [0.17, 1.02] as const },
    ];
    drawArms(pen, look, held, bob);
    return;
  }
  // Towards the bell, which is beside the camera: up and out.
  const [, right] = arms as [Arm, Arm];
  const hand = [
    right.hand[0] + (0.42 - right.hand[0]) * pose.reach,
    right.hand[1] + (1.36 - right.hand[1]) * pose.reach,
  ] as const;
  drawArms(pen, look, [arms[0]!, { side: 1, hand }], bob);
}

interface Arm {
  readonly side: number;
  readonly hand: readonly [x: number, y: number];
}

function drawArms(pen: Pen, look: PersonLook, arms: readonly Arm[], bob: number): void {
  for (const { side, hand } of arms) {
    const shoulder = [side * 0.205, 1.35 + bob] as const;
    const elbow = [
      (shoulder[0] + hand[0]) / 2 + side * 0.055,
      (shoulder[1] + hand[1]) / 2 - 0.02,
    ] as const;
    const palm = [hand[0], hand[1] + bob] as const;
    const angle = Math.atan2(palm[1] - elbow[1], palm[0] - elbow[0]);
    const mitten = [palm[0] + 0.075 * Math.cos(angle), palm[1] + 0.075 * Math.sin(angle)] as const;
    pen.fill(look.scarf, limb(palm, mitten, 0.05, 0.044));
    const edge = mixed(look.coat, 0x20181c, 0.17);
    pen.fill(edge, limb(shoulder, elbow, 0.086, 0.074), limb(elbow, palm, 0.074, 0.062));
    const sleeve = mixed(look.coat, 0xfff0d8, side < 0 ? 0.08 : 0);
    pen.fill(sleeve, limb(shoulder, elbow, 0.077, 0.065), limb(elbow, palm, 0.065, 0.053));
  }
}

function coatOutline(bob: number): readonly number[] {
  return smooth([
    ...[-0.1, 1.455 + bob, -0.21, 1.4 + bob, -0.235, 1.2 + bob, -0.225, 1 + bob, -0.265, 0.7 + bob],
    ...[-0.14, 0.672 + bob, 0, 0.665 + bob, 0.14, 0.672 + bob],
    ...[0.265, 0.7 + bob, 0.225, 1 + bob, 0.235, 1.2 + bob, 0.21, 1.4 + bob, 0.1, 1.455 + bob],
  ]);
}

function drawHead(pen: Pen, look: PersonLook, pose: PersonPose, bob: number): void {
  const y = 1.585 + bob;
  const front = pose.view === 'front';
  if (look.head === 'long hair') {
    pen.fill(
      look.hair,
      smooth([
        -0.115,
        y + 0.06,
        -0.14,
        y - 0.1,
        -0.12,
        y - 0.23,
        0,
        y - 0.25,
        0.12,
        y - 0.23,
        0.14,
        y - 0.1,
        0.115,
        y + 0.06,
        0,
        y + 0.145,
      ]),
    );
  }
  pen.fill(mixed(look.skin, 0x6a3a2a, 0.2), limb([0, y - 0.16], [0, y - 0.1], 0.05));
  drawScarf(pen, look, bob, front);
  if (front) {
    for (const side of [-1, 1])
      pen.fill(mixed(look.skin, 0xa04a3a, 0.18), ellipse(side * 0.1, y - 0.01, 0.022, 0.03));
    pen.fill(
      linear([-0.1, y], [0.12, y], look.skin, mixed(look.skin, 0xa0583f, 0.2)),
      ellipse(0, y, 0.102, 0.128),
    );
    drawFace(pen, look, pose, y);
  } else {
    pen.fill(look.hair, ellipse(0, y + 0.005, 0.107, 0.13));
    if (look.head === 'long hair') {
      pen.fill(
        look.hair,
        smooth([
          -0.115,
          y + 0.05,
          -0.13,
          y - 0.12,
          -0.1,
          y - 0.25,
          0.1,
          y - 0.25,
          0.13,
          y - 0.12,
          0.115,
          y + 0.05,
        ]),
      );
    }
  }
  drawHeadwear(pen, look, y, front);
}

function drawScarf(pen: Pen, look: PersonLook, bob: number, front: boolean): void {
  const edge = mixed(look.scarf, 0x4a3028, 0.22);
  pen.fill(
    shadedAcross(look.scarf, 0.18),
    smooth([
      -0.125,
      1.45 + bob,
      -0.1,
      1.395 + bob,
      0,
      1.375 + bob,
      0.1,
      1.395 + bob,
      0.125,
      1.45 + bob,
      0,
      1.485 + bob,
    ]),
  );
  if (!front) return;
  pen.fill(
    look.scarf,
    smooth([0.03, 1.42 + bob, 0.115, 1.41 + bob, 0.135, 1.2 + bob, 0.05, 1.19 + bob]),
  );
  pen.fill(
    edge,
    limb([0.062, 1.215 + bob], [0.125, 1.22 + bob], 0.008),
    limb([0.06, 1.25 + bob], [0.122, 1.255 + bob], 0.006),
  );
}

function drawFace(pen: Pen, look: PersonLook, pose: PersonPose, y: number): void {
  const dark = 0x2b2024;
  // Eyes close for 120 ms every few seconds.
  const open = pose.seconds % 3.7 > 0.12;
  for (const side of [-1, 1]) {
    const x = side * 0.04;
    if (open) pen.fill(dark, ellipse(x, y + 0.012, 0.0115, 0.0155));
    else pen.fill(dark, limb([x - 0.014, y + 0.01], [x + 0.014, y + 0.01], 0.004));
    pen.fill(
      mixed(look.hair, dark, 0.3),
      limb([x - side * 0.019, y + 0.05], [x + side * 0.019, y + 0.043], 0.006),
    );
    pen.fill(
      soft([side * 0.062, y - 0.035], [0.03, 0.024], 0xd8604a, 0.5),
      ellipse(side * 0.062, y - 0.035, 0.03, 0.024),
    );
  }
  pen.fill(
    mixed(look.skin, 0x8a4636, 0.4),
    smooth([-0.012, y - 0.022, 0, y - 0.03, 0.014, y - 0.022, 0.002, y - 0.005]),
  );
  pen.fill(
    mixed(look.skin, 0x7a2f2a, 0.7),
    smooth([
      -0.036,
      y - 0.052,
      0,
      y - 0.063,
      0.036,
      y - 0.052,
      0.02,
      y - 0.074,
      0,
      y - 0.08,
      -0.02,
      y - 0.074,
    ]),
  );
}

function drawHeadwear(pen: Pen, look: PersonLook, y: number, front: boolean): void {
  switch (look.head) {
    case 'beanie': {
      const knit = look.scarf;
      pen.fill(
        look.hair,
        smooth([-0.112, y + 0.045, -0.108, y - 0.03, -0.094, y - 0.035, -0.09, y + 0.04]),
        smooth([0.09, y + 0.04, 0.094, y - 0.035, 0.108, y - 0.03, 0.112, y + 0.045]),
      );
      pen.fill(
        shadedAcross(knit, 0.2),
        smooth([
          -0.117,
          y + 0.045,
          -0.1,
          y + 0.14,
          0,
          y + 0.19,
          0.1,
          y + 0.14,
          0.117,
          y + 0.045,
          0,
          y + 0.06,
        ]),
      );
      pen.fill(mixed(knit, 0x6a4a3a, 0.2), limb([-0.095, y + 0.066], [0.095, y + 0.066], 0.026));
      pen.fill(look.coat, ellipse(0, y + 0.205, 0.036));
      return;
    }
    case 'cap':
      pen.fill(
        shadedAcross(look.coat, 0.2),
        smooth([
          -0.113,
          y + 0.05,
          -0.1,
          y + 0.125,
          0,
          y + 0.16,
          0.1,
          y + 0.125,
          0.113,
          y + 0.05,
          0,
          y + 0.062,
        ]),
      );
      if (front)
        pen.fill(
          mixed(look.coat, 0x1a1414, 0.35),
          smooth([
            -0.108,
            y + 0.058,
            0,
            y + 0.075,
            0.108,
            y + 0.058,
            0.06,
            y + 0.03,
            0,
            y + 0.024,
            -0.06,
            y + 0.03,
          ]),
        );
      pen.fill(look.scarf, ellipse(0, y + 0.108, 0.024, 0.017));
      return;
    case 'long hair':
    case 'short hair':
      if (front) {
        pen.fill(
          look.hair,
          smooth([
            -0.11,
            y - 0.005,
            -0.117,
            y + 0.08,
            -0.06,
            y + 0.148,
            0.03,
            y + 0.155,
            0.1,
            y + 0.105,
            0.112,
            y,
            0.094,
            y + 0.045,
            0.05,
            y + 0.085,
            -0.04,
            y + 0.075,
            -0.088,
            y + 0.045,
          ]),
        );
      }
  }
}

function drawFromTheSide(pen: Pen, look: PersonLook, pose: PersonPose, phase: number): void {
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
  pen.fill(shadedAcross(look.scarf, 0.2), limb([-0.06, 1.43 + bob], [0.07, 1.43 + bob], 0.048));
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
      shadedAcross(cloth, 0.2),
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

// Light comes from the left.
function shaded(colour: number, depth: number): Paint {
  return linear(
    [-0.24, 1.2],
    [0.26, 0.9],
    mixed(colour, 0xfff0d8, 0.1),
    colour,
    mixed(colour, 0x20181c, depth),
  );
}

function shadedAcross(colour: number, depth: number): Paint {
  return linear(
    [-0.12, 0],
    [0.12, 0],
    mixed(colour, 0xfff0d8, 0.12),
    mixed(colour, 0x2a1a1c, depth),
  );
}
