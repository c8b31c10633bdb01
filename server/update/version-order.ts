/** Three numbers with dots: what comes after what. Pure. */

/** What a version looks like. */
export const VERSION = '^(0|[1-9]\\d{0,4})\\.(0|[1-9]\\d{0,4})\\.(0|[1-9]\\d{0,4})$';

const PARTS = new RegExp(VERSION);

/** Whether the first is above the second; undefined when one of them is no version. */
export function isAbove(version: string, other: string): boolean | undefined {
  const [ours, theirs] = [PARTS.exec(version), PARTS.exec(other)];
  if (ours === null || theirs === null) return undefined;
  for (const place of [1, 2, 3]) {
    const difference = Number(ours[place]) - Number(theirs[place]);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
