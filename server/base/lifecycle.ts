/** Long-lived work: retry for ever, back off, say why it stopped. */
import type { Clock } from './clock.ts';
import { type AppError, toAppError } from './errors.ts';

/** How the wait between attempts grows. Equal jitter: half fixed, half random, so that four cameras
 * that lost the same switch do not come back in the same millisecond. */
export interface BackoffPolicy {
  firstMs: number;
  maxMs: number;
  /** An attempt that lived this long was healthy: the next failure starts from `firstMs` again. */
  healthyAfterMs: number;
}

/** 6 s at most, because recording must go on within 10 s of a camera's return, and the connection
 * takes another second and the next key frame up to two. */
export const CAMERA_BACKOFF: BackoffPolicy = { firstMs: 500, maxMs: 6_000, healthyAfterMs: 60_000 };

/** The wait before attempt `failures` + 1, in milliseconds; `random` is in [0, 1). */
export function backoffMs(policy: BackoffPolicy, failures: number, random: number): number {
  // 2 ** 30 is beyond any maxMs; the exponent is capped so that it never becomes Infinity.
  const ceiling = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(failures, 30));
  return ceiling / 2 + (ceiling / 2) * random;
}

/** What one attempt ended with; `undefined` means it ended without an error. */
export type AttemptEnd = AppError | undefined;

/** What `supervise` needs. */
export interface SuperviseOptions {
  clock: Clock;
  random: () => number;
  policy: BackoffPolicy;
  signal: AbortSignal;
  /** One attempt. It returns or throws when the attempt is over, and honours the signal. */
  runOnce: (signal: AbortSignal) => Promise<void>;
  /** Told after every attempt, with the wait that follows; the only place that reports it. */
  onEnd: (end: AttemptEnd, waitMs: number) => void;
}

/**
 * Runs `runOnce` again and again until `signal` aborts; never gives up and never throws. The caller
 * hears of each end through `onEnd`.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { clock, policy, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs();
    let end: AttemptEnd;
    try {
      await options.runOnce(signal);
    } catch (thrown) {
      end = toAppError(thrown);
    }
    if (isAborted(signal)) return;
    if (clock.monotonicMs() - startedMs >= policy.healthyAfterMs) failures = 0;
    const waitMs = backoffMs(policy, failures, options.random());
    failures += 1;
    options.onEnd(end, waitMs);
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}

// A function of its own, because control-flow analysis does not know that an await can abort.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
