/** The value of `sorted` below which that fraction of them lies. */
export function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor(sorted.length * fraction)] ?? NaN;
}
