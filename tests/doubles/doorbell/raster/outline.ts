/** Closed outlines as flat lists x0, y0, x1, y1, …, in whatever unit the pen has. Pure. */

/** A closed outline. */
export type Outline = readonly number[];

/** Corners of curves: with 40 a circle as large as the picture still looks round. */
const CIRCLE_STEPS = 40;
const CURVE_STEPS = 8;

/** An upright ellipse. */
export function ellipse(x: number, y: number, radiusX: number, radiusY = radiusX): Outline {
  return Array.from({ length: CIRCLE_STEPS }, (_, step) => {
    const angle = (step / CIRCLE_STEPS) * 2 * Math.PI;
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)];
  }).flat();
}

/** A rectangle from one corner to the opposite one. */
export function box(x0: number, y0: number, x1: number, y1: number): Outline {
  return [x0, y0, x1, y0, x1, y1, x0, y1];
}

/** A limb: two circles and what lies between them. */
export function limb(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  radiusFrom: number,
  radiusTo = radiusFrom,
): Outline {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const half = CIRCLE_STEPS / 2;
  const arc = ([x, y]: readonly [number, number], radius: number, start: number): number[] =>
    Array.from({ length: half + 1 }, (_, step) => {
      const turn = start + (step / half) * Math.PI;
      return [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
    }).flat();
  return [...arc(from, radiusFrom, angle + Math.PI / 2), ...arc(to, radiusTo, angle - Math.PI / 2)];
}

/** A closed curve through all points (Catmull-Rom), for everything that grew or was sewn. */
export function smooth(points: Outline): Outline {
  const count = points.length / 2;
  const curve: number[] = [];
  for (let index = 0; index < count; index += 1) {
    for (let step = 0; step < CURVE_STEPS; step += 1) {
      const t = step / CURVE_STEPS;
      for (const axis of [0, 1]) {
        const [p0, p1, p2, p3] = [-1, 0, 1, 2].map(
          (ahead) => points[((index + ahead + count) % count) * 2 + axis]!,
        ) as [number, number, number, number];
        const squared = (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t;
        const cubed = (3 * p1 - p0 - 3 * p2 + p3) * t * t * t;
        curve.push((2 * p1 + (p2 - p0) * t + squared + cubed) / 2);
      }
    }
  }
  return curve;
}
