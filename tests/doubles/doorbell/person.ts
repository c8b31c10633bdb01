/** Draws people: simple, in warm coats. Metres; the pen stands between their feet. */
import { drawParcel } from './parcel.ts';
import { drawHead } from './person-head.ts';
import { cloth, type PersonLook, type PersonPose } from './person-look.ts';
import { drawFromTheSide } from './person-side.ts';
import { ellipse, limb, smooth } from './raster/outline.ts';
import { mixed, soft } from './raster/paint.ts';
import type { Pen } from './raster/pen.ts';

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
    pen.fill(cloth(look.trousers, 0.12), limb([side * 0.09, 0.82], foot, 0.088, 0.07));
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
  pen.fill(cloth(look.coat, 0.28), coatOutline(bob));
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
