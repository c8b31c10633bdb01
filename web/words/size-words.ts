/** Sizes as a person reads them. Pure. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** "41 GB", "3.2 MB": decimal units, as disks are sold; two figures below ten. */
export function sizeInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 10 && unit > 0 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? 'B'}`;
}
