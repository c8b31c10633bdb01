/** A span of time cut into what was recorded, what is missing and what is yet to come. Pure. */
import type { GapReason, Recordings } from '../../server/contract/recording.ts';

/** The answer of the box, in milliseconds. Both lists are in order of time. */
export interface RecordedTimes {
  readonly ranges: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly gaps: readonly {
    readonly fromMs: number;
    /** Infinity: it goes on. */
    readonly toMs: number;
    readonly reason: GapReason;
  }[];
  /** Recorded when nobody vouched for the box's clock; left out where there is none. */
  readonly uncertain?: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** When the box answered, by its own clock: nothing is known of later moments. */
  readonly askedMs: number;
}

/**
 * `ahead`: not there yet, or too new to be on the disk. A missing stretch without a reason lies
 * before the camera was added, or was made room for.
 */
export type Stretch =
  | { readonly kind: 'recorded' | 'ahead'; readonly fromMs: number; readonly toMs: number }
  | {
      readonly kind: 'missing';
      readonly fromMs: number;
      readonly toMs: number;
      readonly reason: GapReason | undefined;
    };

/** What is being recorded reaches the disk within a GOP, 2 s at most, and the index after it: a
 * shorter absence before now is no gap. */
const REACHES_DISK_WITHIN_MS = 10_000;

/** Reads the answer of `GET /api/recordings`. */
export function recordedTimes(recordings: Recordings, askedMs: number): RecordedTimes {
  return {
    ranges: recordings.ranges.map(({ from, to }) => ({
      fromMs: Date.parse(from),
      toMs: Date.parse(to),
    })),
    gaps: recordings.gaps.map(({ from, to, reason }) => ({
      fromMs: Date.parse(from),
      toMs: to === null ? Infinity : Date.parse(to),
      reason,
    })),
    ...(recordings.uncertain && {
      uncertain: recordings.uncertain.map(({ from, to }) => ({
        ...{ fromMs: Date.parse(from), toMs: Date.parse(to) },
      })),
    }),
    askedMs,
  };
}

/** Whether nobody can say that something recorded in [fromMs, toMs) was then. */
export function isUncertain(times: RecordedTimes, fromMs: number, toMs: number): boolean {
  return (times.uncertain ?? []).some((range) => range.fromMs < toMs && range.toMs > fromMs);
}

/** `fromMs` to `toMs` without a hole: each stretch begins where the one before it ends. */
export function stretchesBetween(times: RecordedTimes, fromMs: number, toMs: number): Stretch[] {
  const found: Stretch[] = [];
  let atMs = fromMs;
  const knownToMs = Math.min(toMs, Math.max(fromMs, times.askedMs));
  for (const range of times.ranges) {
    const startMs = Math.max(range.fromMs, atMs);
    const endMs = Math.min(range.toMs, toMs);
    if (endMs <= startMs) continue;
    found.push(...missingBetween(times, atMs, startMs));
    found.push({ kind: 'recorded', fromMs: startMs, toMs: endMs });
    atMs = endMs;
  }
  const last = times.ranges.at(-1);
  const justNow = last !== undefined && times.askedMs - last.toMs < REACHES_DISK_WITHIN_MS;
  if (atMs < knownToMs && !(justNow && atMs >= last.toMs)) {
    found.push(...missingBetween(times, atMs, knownToMs));
    atMs = knownToMs;
  }
  if (atMs < toMs) found.push({ kind: 'ahead', fromMs: atMs, toMs });
  return found;
}

/** Nothing was recorded in all of it; the box's gaps say why, as far as it knows. */
function missingBetween(times: RecordedTimes, fromMs: number, toMs: number): Stretch[] {
  const found: Stretch[] = [];
  let atMs = fromMs;
  const add = (untilMs: number, reason: GapReason | undefined): void => {
    if (untilMs > atMs) found.push({ kind: 'missing', fromMs: atMs, toMs: untilMs, reason });
    atMs = Math.max(atMs, untilMs);
  };
  for (const gap of times.gaps) {
    if (gap.toMs <= atMs || gap.fromMs >= toMs) continue;
    add(gap.fromMs, undefined);
    add(Math.min(gap.toMs, toMs), gap.reason);
  }
  add(toMs, undefined);
  return found;
}

/** How much of the stretches was recorded, in milliseconds. */
export function recordedMs(stretches: readonly Stretch[]): number {
  return stretches.reduce(
    (sum, { kind, fromMs, toMs }) => sum + (kind === 'recorded' ? toMs - fromMs : 0),
    0,
  );
}

/** The stretch in which a moment lies. */
export function stretchAt(stretches: readonly Stretch[], ms: number): Stretch | undefined {
  return stretches.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
}

/** The first recorded moment at or after `ms`. */
export function nextRecorded(times: RecordedTimes, ms: number): number | undefined {
  const range = times.ranges.find(({ toMs }) => toMs > ms);
  return range === undefined ? undefined : Math.max(range.fromMs, ms);
}

/** Shorter than this a gap is no line on any screen, and nobody reads of it. */
export const WORTH_SAYING_MS = 1_000;
