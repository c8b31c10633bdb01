/** Times as a person reads them, in the browser's own zone and habits. Pure but for the zone. */

/** "14:02", or what the language has. */
export function clockTime(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** "14:02:05". */
export function exactTime(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(ms);
}

/** "Today", "Yesterday", "Tuesday 17 November"; the year when it is another one. */
export function dayName(ms: number, nowMs: number): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(ms)) / DAY_MS);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(undefined, {
    ...{ weekday: 'long', day: 'numeric', month: 'long' },
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(ms);
}

/** The day of something to come: "today", "tomorrow", "on Monday", "on Monday 7 December". */
export function dayAhead(ms: number, nowMs: number): string {
  const days = Math.round((startOfDay(ms) - startOfDay(nowMs)) / DAY_MS);
  if (days <= 0) return 'today';
  if (days === 1) return 'tomorrow';
  // From the same weekday on, its name alone would mean another one.
  if (days >= 7) return `on ${dayName(ms, nowMs)}`;
  return `on ${new Intl.DateTimeFormat(undefined, { weekday: 'long' }).format(ms)}`;
}

/** The time zone of this browser, as calendars name it: "Europe/Berlin". */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "Today, 14:02:05 to 14:07:05"; both days where there are two. */
export function rangeInWords(fromMs: number, toMs: number, nowMs: number): string {
  const day = dayName(fromMs, nowMs);
  const endDay = dayName(toMs, nowMs);
  const end = endDay === day ? exactTime(toMs) : `${endDay}, ${exactTime(toMs)}`;
  return `${day}, ${exactTime(fromMs)} to ${end}`;
}

/** "since 14:02", or with the day when it was not today. */
export function since(ms: number, nowMs: number): string {
  if (startOfDay(ms) === startOfDay(nowMs)) return `since ${clockTime(ms)}`;
  return `since ${dayName(ms, nowMs)}, ${clockTime(ms)}`;
}

/** "4 s", "3 min", "2 h 5 min", "3 days": two steps at most. */
export function lengthOfTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const rest = minutes % 60;
    return rest === 0 ? `${String(hours)} h` : `${String(hours)} h ${String(rest)} min`;
  }
  return `${String(Math.floor(hours / 24))} days`;
}

/** A mean day; days of a clock change differ by an hour, which rounding takes up. */
const DAY_MS = 86_400_000;

/** The first moment of the local day in which `ms` lies. */
export function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** The first moment of the local day `days` after that of `ms`, clock changes included. */
export function dayAfter(ms: number, days: number): number {
  const day = new Date(startOfDay(ms));
  day.setDate(day.getDate() + days);
  // Where a clock change skips midnight, a day begins at one: not so the next one.
  return startOfDay(day.getTime());
}

/** "27 November 2026": on what is kept for years. */
export function dateInWords(ms: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(ms);
}
