/** What is said of phones that are kept unlocked. Pure but for the time zone. */
import { dayName } from './time-words.ts';

const MACHINES: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Macintosh/, 'Mac'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'Chromebook'],
  [/Linux/, 'Linux'],
];

/** In this order: all but Firefox call themselves Safari, too, and most of them Chrome. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Firefox|FxiOS/, 'Firefox'],
  [/Edg/, 'Edge'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
];

/** "Safari on iPhone", from what a browser says of itself (`navigator.userAgent`). */
export function phoneName(userAgent: string): string {
  const find = (list: typeof MACHINES, other: string): string =>
    list.find(([sign]) => sign.test(userAgent))?.[1] ?? other;
  return `${find(BROWSERS, 'A browser')} on ${find(MACHINES, 'another machine')}`;
}

/** "sam, last used today". */
export function lastUsed(
  { user, lastUsedAt }: { readonly user: string; readonly lastUsedAt: string },
  nowMs: number,
): string {
  const day = dayName(Date.parse(lastUsedAt), nowMs);
  return `${user}, last used ${day === 'Today' || day === 'Yesterday' ? day.toLowerCase() : day}`;
}
