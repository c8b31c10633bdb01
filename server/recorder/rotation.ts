/** When a segment ends. Pure. */
import { SEGMENT_MAX_MS } from '../storage/segments.ts';

/** What a rotation leaves room for: two GOPs like the longest one seen, because the next key frame
 * may come late once. At least 4 s, so that a camera at one key frame per second does not cut it
 * too fine; at most 30 s, so that a segment is at least 30 s long. */
const RESERVE_GOPS = 2;
const RESERVE_MIN_MS = 4_000;
const RESERVE_MAX_MS = 30_000;

/** What is known when a part is about to be written. */
export interface RotationState {
  /** Length of the open segment; undefined when none is open. */
  readonly segmentMs: number | undefined;
  /** Length of the part. */
  readonly partMs: number;
  /** The part begins with a key frame. */
  readonly key: boolean;
  /** Longest distance of two key frames in this run; undefined before the second one. */
  readonly longestGopMs: number | undefined;
  /** The open segment is sealed to an older key of the household. */
  readonly outdated: boolean;
}

/**
 * Where a part goes: behind the others (`append`), into a new segment (`rotate`), or nowhere
 * (`stop`): the segment is as long as it may be, or there is none, and no segment can begin here.
 */
export function placePart(state: RotationState): 'append' | 'rotate' | 'stop' {
  const { segmentMs, partMs, key, longestGopMs, outdated } = state;
  if (segmentMs === undefined) return key ? 'rotate' : 'stop';
  if (key && outdated) return 'rotate';
  const reserveMs =
    longestGopMs === undefined
      ? RESERVE_MAX_MS
      : Math.min(Math.max(RESERVE_GOPS * longestGopMs, RESERVE_MIN_MS), RESERVE_MAX_MS);
  if (key && segmentMs + reserveMs > SEGMENT_MAX_MS) return 'rotate';
  if (segmentMs + partMs > SEGMENT_MAX_MS) return key ? 'rotate' : 'stop';
  return 'append';
}
