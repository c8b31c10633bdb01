/** Days as bars of a drawing: which are shown, how tall each is, where a hand or a key leads. Pure but
 * for the browser's zone. */
import { dayAfter, startOfDay } from '../words/time-words.ts';

/** What the box says of one calendar day. */
export interface DayUse {
  /** "2026-11-27". */
  readonly day: string;
  readonly cameras: readonly {
    readonly camera: string;
    readonly bytes: number;
    readonly durationMs: number;
  }[];
}

/** One day of one camera. */
export interface DayBar {
  /** Its first moment here. */
  readonly dayMs: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** A bar is still wide enough to be aimed at on a phone: 10 px. */
const DAYS_MAX = 30;

/** A box of yesterday has a drawing, too, and it does not change its shape each morning. */
const DAYS_MIN = 7;

/** The first moment of a calendar day; undefined when the text names none. */
export function dayStart(day: string): number | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  // Noon is in every day, whatever clocks do at midnight.
  const noonMs = new Date(year, month - 1, date, 12).getTime();
  return Number.isNaN(noonMs) ? undefined : startOfDay(noonMs);
}

/** The days that are drawn, oldest first: up to today, from the oldest with footage on. */
export function shownDays(days: readonly DayUse[], nowMs: number): readonly number[] {
  const todayMs = startOfDay(nowMs);
  const used = days
    .filter(({ cameras }) => cameras.some(({ bytes }) => bytes > 0))
    .map(({ day }) => dayStart(day) ?? todayMs);
  const oldestMs = Math.min(todayMs, ...used);
  const shown = [todayMs];
  for (let back = 1; back < DAYS_MAX; back += 1) {
    const dayMs = dayAfter(todayMs, -back);
    // A zone that moved over the date line has a day less.
    if (dayMs === shown[0]) continue;
    if (dayMs < oldestMs && shown.length >= DAYS_MIN) break;
    shown.unshift(dayMs);
  }
  return shown;
}

/** A bar for each of the days; a day without footage has one of no height. */
export function dayBars(
  days: readonly DayUse[],
  cameraId: string,
  shown: readonly number[],
): readonly DayBar[] {
  const byDay = new Map(days.map((use) => [dayStart(use.day), use.cameras]));
  return shown.map((dayMs) => {
    const use = byDay.get(dayMs)?.find(({ camera }) => camera === cameraId);
    return { dayMs, bytes: use?.bytes ?? 0, durationMs: use?.durationMs ?? 0 };
  });
}

/** The tallest bar of all cameras: their drawings have one scale, so that they can be compared. */
export function tallestBytes(days: readonly DayUse[], shown: readonly number[]): number {
  const isShown = new Set<number | undefined>(shown);
  const sizes = days
    .filter(({ day }) => isShown.has(dayStart(day)))
    .flatMap(({ cameras }) => cameras.map(({ bytes }) => bytes));
  return Math.max(0, ...sizes);
}

/** Of ten parts of a day's width, how many its bar has; the rest is the gap to the next one. */
const BAR_PARTS = 8;

/** How wide the drawing of so many days is, in its own units; it is 100 high. */
export function chartWidth(count: number): number {
  return count * 10;
}

/** The outline of one bar, or nothing. What is there is seen, however little it is. */
export function barPath(index: number, bytes: number, tallest: number): string {
  if (bytes <= 0 || tallest <= 0) return '';
  const height = Math.min(100, Math.max(2, (bytes / tallest) * 100));
  const left = index * 10 + (10 - BAR_PARTS) / 2;
  const top = (100 - height).toFixed(1);
  return `M${String(left)} 100V${top}h${String(BAR_PARTS)}V100z`;
}

/** The bar at a place of the drawing, 0 at its left and 1 at its right. */
export function barAtPlace(place: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(place * count)));
}

/** Where a key leads from a bar; undefined when the key is not ours. A page is a week. */
export function barAfterKey(key: string, index: number, count: number): number | undefined {
  const kept = (to: number): number => Math.min(count - 1, Math.max(0, to));
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return kept(index - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return kept(index + 1);
    case 'PageDown':
      return kept(index - 7);
    case 'PageUp':
      return kept(index + 7);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
