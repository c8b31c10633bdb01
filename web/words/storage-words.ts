/** How much is kept, how long, and what goes next. Pure but for the zone. */
import type { CameraUse, KeepLimits, KeepPreview } from '../../server/contract/storage.ts';
import { sizeInWords } from './size-words.ts';
import { clockTime, dayAhead, dayName, lengthOfTime } from './time-words.ts';

const DAY_MS = 86_400_000;

/** From so many on, nobody counts them. */
const DAYS_COUNTED_MAX = 3_650;

/** "11 days", "1 day", "20 h": how long footage is kept. */
export function keptWords(days: number): string {
  if (days >= DAYS_COUNTED_MAX) return 'more than 10 years';
  if (days >= 2) return `${String(Math.floor(days))} days`;
  if (days >= 1) return '1 day';
  return lengthOfTime(days * DAY_MS);
}

/** How long this camera's footage is kept at this rate. */
export function rateWords(use: Pick<CameraUse, 'next' | 'bytes' | 'bytesPerDay'>): string {
  if (use.next !== null) return `At this rate you keep ${keptWords(use.next.keepsDays)}.`;
  if (use.bytes === 0) return 'Nothing is recorded yet.';
  if (use.bytesPerDay === null) return 'How long it lasts can be said after an hour of footage.';
  return 'Nothing of it goes for now.';
}

/** The camera whose footage goes first; where none is known to go, the first one with footage. */
export function soonest(uses: readonly CameraUse[]): CameraUse | undefined {
  const going = uses.filter(({ next }) => next !== null);
  const atMs = ({ next }: CameraUse): number => Date.parse(next?.at ?? '');
  return going.toSorted((a, b) => atMs(a) - atMs(b))[0] ?? uses.find(({ bytes }) => bytes > 0);
}

/** What goes next and when; `name` is left out where the camera's name stands above it. */
export function nextWords({ next }: Pick<CameraUse, 'next'>, nowMs: number, name?: string): string {
  if (next === null) return '';
  const when = upper(dayAhead(Date.parse(next.at), nowMs));
  const of = name === undefined ? '' : ` of ${name}`;
  return next.keepsDays < 1
    ? `${when} the oldest hours${of} go.`
    : `${when} the oldest day${of} goes.`;
}

/** Why it goes. */
export function reasonWords({ next, keep }: Pick<CameraUse, 'next' | 'keep'>): string {
  switch (next?.reason) {
    case 'days':
      return `Because you set ${daysWords(keep.days ?? 1)} at most.`;
    case 'bytes':
      return `Because you set ${sizeInWords(keep.bytes ?? 0)} at most.`;
    case 'room':
      return 'By then the disk is full, and the oldest makes room for the newest.';
    case undefined:
      return '';
  }
}

/** How much a camera has, and how fast it grows. */
export function useWords(use: Pick<CameraUse, 'bytes' | 'durationMs' | 'bytesPerDay'>): string {
  if (use.bytes === 0) return 'No footage.';
  const amount = `${sizeInWords(use.bytes)}, ${lengthOfTime(use.durationMs)}`;
  return use.bytesPerDay === null
    ? `${amount}.`
    : `${amount}; about ${sizeInWords(use.bytesPerDay)} a day.`;
}

/** What is set for a camera. */
export function keepWords(keep: KeepLimits): string {
  const limits = limitsWords(keep);
  if (limits === undefined) return 'Kept as long as there is room.';
  return `Kept: ${limits} at most, as long as there is room.`;
}

/** Said once it is set, beside the way back. */
export function keptNowWords(name: string, keep: KeepLimits): string {
  const limits = limitsWords(keep);
  if (limits === undefined) return `${name} is kept as long as there is room.`;
  return `${name} keeps ${limits} at most.`;
}

/** What goes at once when a limit is set: said while it is typed, and asked before it is done. */
export function keepLossWords(loss: KeepPreview, name: string, nowMs: number): string {
  if (loss.bytes === 0) return 'Nothing goes at once.';
  const amount = `${lengthOfTime(loss.durationMs)}, ${sizeInWords(loss.bytes)}`;
  const from = loss.from === null ? '' : moment(loss.from, nowMs);
  const to = loss.to === null ? '' : moment(loss.to, nowMs);
  const span = from === '' || to === '' ? '' : `: ${from} to ${to}`;
  return `${amount} of ${name} go at once${span}.`;
}

/** What a day has, as one line and as the name of its bar: "Monday 16 November: 31 GB, 24 h". */
export function dayUseWords(
  day: { readonly dayMs: number; readonly bytes: number; readonly durationMs: number },
  nowMs: number,
): string {
  const name = dayName(day.dayMs, nowMs);
  if (day.bytes === 0) return `${name}: nothing is kept.`;
  return `${name}: ${sizeInWords(day.bytes)}, ${lengthOfTime(day.durationMs)}.`;
}

/** "Today, 14:02". */
function moment(instant: string, nowMs: number): string {
  const ms = Date.parse(instant);
  return `${dayName(ms, nowMs)}, ${clockTime(ms)}`;
}

/** "14 days and 100 GB"; undefined where nothing is set. */
function limitsWords({ days, bytes }: KeepLimits): string | undefined {
  const limits = [
    ...(days === null ? [] : [daysWords(days)]),
    ...(bytes === null ? [] : [sizeInWords(bytes)]),
  ];
  return limits.length === 0 ? undefined : limits.join(' and ');
}

function daysWords(days: number): string {
  return days === 1 ? '1 day' : `${String(days)} days`;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
