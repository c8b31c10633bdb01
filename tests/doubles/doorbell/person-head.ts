/** Heads from the front and from behind: faces, hair, hats, scarves. */
import { narrowCloth, type PersonLook, type PersonPose } from './person-look.ts';
import { ellipse, limb, smooth } from './raster/outline.ts';
import { linear, mixed, soft } from './raster/paint.ts';
import type { Pen } from './raster/pen.ts';

/** Draws a head on a neck; `bob`: how far the walk lifts it, in metres. */
export function drawHead(pen: Pen, look: PersonLook, pose: PersonPose, bob: number): void {
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
    narrowCloth(look.scarf, 0.18),
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
        narrowCloth(knit, 0.2),
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
        narrowCloth(look.coat, 0.2),
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
