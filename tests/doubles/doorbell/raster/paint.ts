/** What a shape is filled with. Colours are 0xRRGGBB. */

/** A point of a gradient: where (0 to 1), which colour, how opaque (0 to 1). */
export type Stop = readonly [at: number, colour: number, alpha: number];

/** Colours between two points, or from a centre outwards; coordinates of the pen that draws it. */
export interface Gradient {
  readonly shape: 'linear' | 'radial';
  /** Linear: where it begins. Radial: the centre. */
  readonly from: readonly [x: number, y: number];
  /** Linear: where it ends. Radial: the two radii. */
  readonly to: readonly [x: number, y: number];
  readonly stops: readonly Stop[];
}

/** One colour, or a gradient. */
export type Paint = number | Gradient;

/** Factors for red, green and blue. */
export type Light = readonly [red: number, green: number, blue: number];

/** As bright as it is painted. */
export const FULL_LIGHT: Light = [1, 1, 1];

/** A colour that lets `1 - alpha` of what is below shine through. */
export function translucent(colour: number, alpha: number): Gradient {
  return { shape: 'linear', from: [0, 0], to: [1, 0], stops: [[0, colour, alpha]] };
}

/** From one point to another, opaque. */
export function linear(
  from: readonly [number, number],
  to: readonly [number, number],
  ...colours: readonly number[]
): Gradient {
  const last = Math.max(1, colours.length - 1);
  return {
    shape: 'linear',
    from,
    to,
    stops: colours.map((colour, index): Stop => [index / last, colour, 1]),
  };
}

/** A soft spot: `alpha` in its middle, nothing at its rim. */
export function soft(
  centre: readonly [number, number],
  radii: readonly [number, number],
  colour: number,
  alpha: number,
): Gradient {
  // Squared fall-off in four steps: light and shadow have no visible rim then.
  const stops = [0, 0.25, 0.5, 0.75, 1].map((at): Stop => [at, colour, alpha * (1 - at) ** 2]);
  return { shape: 'radial', from: centre, to: radii, stops };
}

/** A colour between two, 0 the first, 1 the second. */
export function mixed(first: number, second: number, share: number): number {
  const channel = (shift: number): number => {
    const [a, b] = [(first >> shift) & 255, (second >> shift) & 255];
    return Math.round(a + (b - a) * share) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}

/** Four floats (red, green, blue of 0 to 255, not multiplied by alpha; alpha of 0 to 1) for each of
 * `steps` positions from 0 to 1 of a gradient, in a light. */
export function rampOf({ stops }: Gradient, steps: number, light: Light): Float32Array {
  const ramp = new Float32Array(steps * 4);
  let next = 0;
  for (let step = 0; step < steps; step += 1) {
    const at = steps === 1 ? 0 : step / (steps - 1);
    while (next < stops.length - 1 && stops[next]![0] < at) next += 1;
    const [high, low] = [stops[next]!, stops[Math.max(0, next - 1)]!];
    const span = high[0] - low[0];
    const share = span <= 0 ? 1 : Math.min(1, Math.max(0, (at - low[0]) / span));
    for (let channel = 0; channel < 3; channel += 1) {
      const shift = 16 - channel * 8;
      const [a, b] = [(low[1] >> shift) & 255, (high[1] >> shift) & 255];
      ramp[step * 4 + channel] = (a + (b - a) * share) * light[channel]!;
    }
    ramp[step * 4 + 3] = low[2] + (high[2] - low[2]) * share;
  }
  return ramp;
}
