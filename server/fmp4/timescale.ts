/** Arithmetic between time units: exact for numbers below 2^53, rounded once. */

/** `value` ticks of `from` in ticks of `to`, to the nearest; both timescales below 2^32. */
export function rescale(value: number, from: number, to: number): number {
  if (from === to) return value;
  // Whole seconds apart from the rest, so that the product with the timescale stays exact.
  const seconds = Math.floor(value / from);
  return seconds * to + Math.round(((value - seconds * from) * to) / from);
}

/** The nearest integer to `numerator / denominator`, halves up; `denominator` is positive. */
export function roundedQuotient(numerator: bigint, denominator: bigint): number {
  const doubled = 2n * numerator + denominator;
  const divisor = 2n * denominator;
  const quotient = doubled / divisor;
  // BigInt division rounds towards zero; below zero the floor is one less unless it is exact.
  const isBelow = doubled < 0n && quotient * divisor !== doubled;
  return Number(isBelow ? quotient - 1n : quotient);
}

/** A timescale in which ticks of all of these are whole, or the first one if that is too fine. */
export function commonTimescale(timescales: readonly number[], max: number): number {
  const [first = 1] = timescales;
  let common = first;
  for (const timescale of timescales) {
    common *= timescale / greatestDivisor(common, timescale);
    if (common > max) return first;
  }
  return common;
}

function greatestDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
