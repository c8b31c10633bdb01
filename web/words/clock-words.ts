/** Two clocks that differ, in words. Pure but for the zone. */
import { clockTime, dateInWords, lengthOfTime, startOfDay } from './time-words.ts';

/** The box's clock and this browser's, at the same moment. */
export interface TwoClocks {
  readonly boxMs: number;
  readonly hereMs: number;
}

/** "The box’s clock is 3 h behind this phone’s: 11:05 there, 14:05 here." `what`: phone or computer. */
export function differenceWords({ boxMs, hereMs }: TwoClocks, what: string): string {
  const length = lengthOfTime(Math.abs(boxMs - hereMs));
  const way = boxMs < hereMs ? 'behind' : 'ahead of';
  const isSameDay = startOfDay(boxMs) === startOfDay(hereMs);
  const time = isSameDay ? clockTime : (ms: number) => `${dateInWords(ms)}, ${clockTime(ms)}`;
  return `The box’s clock is ${length} ${way} this ${what}’s. The box: ${time(boxMs)}. Here: ${time(hereMs)}.`;
}
