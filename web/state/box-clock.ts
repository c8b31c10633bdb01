/** This browser's clock beside the box's: asked by every page, because a box that has just been switched
 * on may have nobody else to ask. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { BoxClock, ClockComparison, PageClock } from '../../server/contract/clock.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock, type BrowserClock } from '../base/clock.ts';
import type { TwoClocks } from '../words/clock-words.ts';
import { ownerCall } from './owner-call.ts';

/** Clocks that differ by less agree: what the box itself goes by. */
export const AGREE_MS = 120_000;

/** A slower request says too little; the box takes no more. */
const ROUND_TRIP_MAX_MS = 10_000;

/** A page that is open for days looks again. */
export const COMPARE_EVERY_MS = 3_600_000;

/** Clocks that differ by more than two minutes. */
export interface ClockDifference extends TwoClocks {
  /** The network vouches for the box's: this browser's is wrong. */
  readonly boxIsSure: boolean;
}

const current = signal<ClockDifference | undefined>(undefined);
let comparedMs = -Infinity;

/** Undefined while the clocks agree, or nobody has compared them. */
export const clockDifference: ReadonlySignal<ClockDifference | undefined> = current;

/** Compares them, unless that was done within the hour. What goes wrong is tried again later: nobody
 * asked for this. */
export async function compareClocks(clock: BrowserClock = browserClock): Promise<void> {
  if (clock.monotonicMs() - comparedMs < COMPARE_EVERY_MS) return;
  comparedMs = clock.monotonicMs();
  if ((await send(clock, false)) !== undefined) comparedMs = -Infinity;
}

/** A person says that this browser's clock is right. */
export function adoptThisClock(clock: BrowserClock = browserClock): Promise<Trouble | undefined> {
  return send(clock, true);
}

async function send(clock: BrowserClock, adopt: boolean): Promise<Trouble | undefined> {
  const askedMs = clock.monotonicMs();
  const asked = await ownerCall<BoxClock>('GET', '/api/clock');
  if (!asked.ok) return asked.trouble;
  const withinMs = Math.ceil(clock.monotonicMs() - askedMs);
  if (withinMs > ROUND_TRIP_MAX_MS) return TOO_SLOW;
  const hereMs = clock.wallMs();
  const body: PageClock = {
    ...{ time: new Date(hereMs).toISOString(), withinMs },
    ...(adopt && { adopt }),
  };
  const outcome = await ownerCall<ClockComparison>('POST', '/api/clock', { body });
  if (!outcome.ok) return outcome.trouble;
  const { aheadMs, source } = outcome.value;
  const differs = Math.abs(aheadMs) > AGREE_MS + withinMs;
  current.value = differs
    ? { boxMs: hereMs + aheadMs, hereMs, boxIsSure: source === 'network' }
    : undefined;
  return undefined;
}

const TOO_SLOW: Trouble = {
  ...{ kind: 'gone', reason: undefined, status: 0 },
  sentence: 'The box took too long to answer.',
  hint: 'Try again in a moment.',
};
