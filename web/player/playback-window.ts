/** Which footage to load around a moment, and where it goes on after a hole. Pure. */
import type { GapReason } from '../../server/contract/recording.ts';
import type { RecordedTimes } from '../timeline/stretches.ts';

/** From when to when; epoch milliseconds. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two hours are 3,600 entries: 4 ms to write, 0.26 MB, 40 ms to open (docs/design/playback.md). A
 * whole day would take ten times that before the first picture. */
const BACK_MS = 30 * MINUTE_MS;
const AHEAD_MS = 90 * MINUTE_MS;

/** The box walks at most 32 days for one answer (server/storage/recordings.ts). */
const SEARCH_MS = 31 * 24 * HOUR_MS;

/** A year and a half without footage: nobody seeks across more. */
const SEARCHES = 18;

/** What to load to show `epochMs`. Steps back and forth around it need nothing new. */
export function windowAround(epochMs: number): Window {
  return { fromMs: epochMs - BACK_MS, toMs: epochMs + AHEAD_MS };
}

/** What to load when everything up to `epochMs` was played. */
export function windowFrom(epochMs: number): Window {
  return { fromMs: epochMs, toMs: epochMs + BACK_MS + AHEAD_MS };
}

/** Where to look, one after the other, for footage behind `epochMs`. */
export function searchWindows(epochMs: number, nowMs: number): Window[] {
  const windows: Window[] = [];
  for (let fromMs = epochMs; fromMs < nowMs && windows.length < SEARCHES; fromMs += SEARCH_MS) {
    windows.push({ fromMs, toMs: Math.min(fromMs + SEARCH_MS, nowMs) });
  }
  return windows;
}

/** Why nothing was recorded in a hole: the reason of the longest gap in it; undefined when the box
 * knows of none. */
export function reasonOfHole({ gaps }: RecordedTimes, hole: Window): GapReason | undefined {
  let longestMs = 0;
  let reason: GapReason | undefined;
  for (const gap of gaps) {
    const overlapMs = Math.min(gap.toMs, hole.toMs) - Math.max(gap.fromMs, hole.fromMs);
    if (overlapMs <= longestMs) continue;
    longestMs = overlapMs;
    reason = gap.reason;
  }
  return reason;
}
