/** Chance that can be asked again: the same words and numbers give the same answer. Pure. */

/** A number in [0, 1) that belongs to a name and a number (FNV-1a, then a final mix). */
export function chanceOf(name: string, number: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (number & 0xffff), 0x01000193);
  hash = Math.imul(hash ^ (Math.floor(number / 65_536) & 0xffff), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  hash = Math.imul(hash, 0x297a2d39);
  hash ^= hash >>> 15;
  return (hash >>> 0) / 2 ** 32;
}
