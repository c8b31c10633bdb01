/**
 * The clock that labels are read from: the system's, an offset, and whether anybody vouched for it.
 * The rules and their reasons: docs/design/time.md. It never sets the system's clock.
 */
import { type Clock, sleepOn, type Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { epochMs, toRfc3339, type EpochMs, type MonotonicMs } from '../base/time.ts';
import {
  type ClockSource,
  keepTrustedMoment,
  newestFootage,
  trustedMoment,
} from '../storage/box-clock.ts';
import type { Database } from '../storage/database.ts';
import type { UncertainAnchor } from '../storage/runs.ts';
import type { KnownTime } from '../storage/settle-times.ts';
import type { MachineTime } from './machine-time.ts';

/** Clocks that differ by less agree: nobody looks for a visitor by the second. */
export const AGREE_MS = 120_000;

/** What the wall clock gains or loses beyond this between two looks is a step, not a slew. */
const STEP_MS = 1_000;

/** How often a step and the network's stamp are looked for: two system calls. */
const LOOK_MS = 10_000;

/** How often the trusted moment is kept anew: an oscillator strays a few ms in an hour. */
const KEEP_MS = 3_600_000;

/** Of which a page's clock may be adopted so many times an hour: each moves rows. */
const ADOPTIONS_MAX = 10;

/** What it works with. */
export interface BoxTimeDeps {
  readonly clock: Clock;
  readonly machine: MachineTime;
  readonly db: Database;
  readonly log: Log;
}

/** A page's clock as it was sent: what it showed, and how long the request may have been on its way. */
export interface PageClock {
  readonly timeMs: EpochMs;
  readonly withinMs: number;
}

/** See the head of this file. `start` comes first. */
export class BoxTime implements Clock {
  readonly #deps: BoxTimeDeps;
  readonly #listeners = new Set<() => void>();
  #offsetMs = 0;
  #source: ClockSource | undefined;
  #stamp: number | undefined;
  /** Wall clock minus uptime at the last look. */
  #wallMinusUptimeMs = 0;
  #keptMs: MonotonicMs | undefined;
  #adoptedMs: MonotonicMs[] = [];
  /** See `RunTimes`. */
  learnedTotal = 0;

  constructor(deps: BoxTimeDeps) {
    this.#deps = deps;
  }

  /** Decides what to believe at the start, by what the process before this one knew and recorded. */
  start(): void {
    const { clock, machine, db } = this.#deps;
    this.#wallMinusUptimeMs = clock.wallMs() - machine.uptimeMs();
    const kept = trustedMoment(db);
    if (kept?.bootId === machine.bootId) {
      const trueMs = kept.trueMs + machine.uptimeMs() - kept.uptimeMs;
      const behindMs = trueMs - clock.wallMs();
      this.#offsetMs = Math.abs(behindMs) <= AGREE_MS && kept.source === 'network' ? 0 : behindMs;
      this.#trust(kept.source);
    }
    const stamp = machine.networkStamp();
    this.#stamp = stamp;
    // After a step while the server was down, an old stamp says nothing of the clock as it is now.
    if (stamp !== undefined && this.#source === undefined && !this.#isContradicted()) {
      this.#trust('network');
    }
    if (this.#source === undefined) {
      const { endMs } = newestFootage(db);
      this.#offsetMs = Math.max(0, endMs - clock.wallMs());
    }
  }

  /** Looks for steps until `signal` aborts, and keeps the trusted moment. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.sleep(LOOK_MS, signal).catch(() => undefined);
      if (signal.aborted) break;
      this.look();
    }
    this.#keep();
  }

  /** Compares the clocks now. */
  look(): void {
    this.#lookForStep();
    this.#lookAtStamp();
    if (this.monotonicMs() - (this.#keptMs ?? -Infinity) >= KEEP_MS) this.#keep();
  }

  /** Whether anybody vouched for the time of this boot: footage may be deleted by age only then. */
  isClockTrusted(): boolean {
    return this.#source !== undefined;
  }

  /** Who did; undefined: nobody. */
  get source(): ClockSource | undefined {
    return this.#source;
  }

  /** Calls `listener` each time that the true time is learned; answers how to stop that. */
  onLearned(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  wallMs(): EpochMs {
    const { clock, machine } = this.#deps;
    // A step that nobody has looked at yet must not be in a label. Nothing is learned here: a run that
    // is about to be labelled would be certain before those that it follows are settled.
    const stepMs = clock.wallMs() - machine.uptimeMs() - this.#wallMinusUptimeMs;
    if (Math.abs(stepMs) > STEP_MS) this.#lookForStep();
    return epochMs(Math.round(clock.wallMs() + this.#offsetMs));
  }

  monotonicMs(): MonotonicMs {
    return this.#deps.clock.monotonicMs();
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    return this.#deps.clock.setTimer(delayMs, fn);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this.#deps.clock, delayMs, signal);
  }

  /** See `RunTimes`. */
  labelOf(at: MonotonicMs): { anchorMs: EpochMs; uncertain: UncertainAnchor | undefined } {
    const { machine } = this.#deps;
    const agoMs = this.monotonicMs() - at;
    const anchorMs = epochMs(Math.round(this.wallMs() - agoMs));
    const { bootId } = machine;
    const uncertain =
      this.#source === undefined ? { bootId, uptimeMs: machine.uptimeMs() - agoMs } : undefined;
    return { anchorMs, uncertain };
  }

  /** See `RunTimes`. */
  known(): KnownTime | undefined {
    if (this.#source === undefined) return undefined;
    const nowMs = this.wallMs();
    const { machine } = this.#deps;
    return { nowMs, uptimeMs: machine.uptimeMs(), bootId: machine.bootId };
  }

  /** A signed-in page's clock: by how much the box is ahead of it. Where they agree, the box trusts
   * its clock from now on. */
  compare(page: PageClock): number {
    const aheadMs = this.wallMs() - page.timeMs;
    // On its way it can only have become older.
    const isSame = aheadMs >= -AGREE_MS && aheadMs <= AGREE_MS + page.withinMs;
    if (isSame && this.#source === undefined) this.#learn('person', 0);
    return aheadMs;
  }

  /** A person says that the page's clock is right. `conflict` where the box knows better. */
  adopt(page: PageClock): void {
    const nowMs = this.monotonicMs();
    this.#adoptedMs = this.#adoptedMs.filter((ms) => nowMs - ms < KEEP_MS);
    if (this.#source === 'network') {
      throw new AppError('conflict', 'This box has its time from the network.', {
        reason: 'clock-from-network',
        hint: 'Look at the date and time of this phone or computer.',
      });
    }
    if (page.timeMs < newestFootage(this.#deps.db).certainMs - AGREE_MS) {
      throw new AppError('conflict', 'There is footage that is newer than this time.', {
        reason: 'clock-before-footage',
        hint: 'Look at the date and time of this phone or computer.',
      });
    }
    if (this.#adoptedMs.length >= ADOPTIONS_MAX) {
      throw new AppError('exhausted', 'The time was changed too often.', {
        reason: 'clock-changed-often',
        hint: 'Wait an hour, then try again.',
        retryAfterMs: KEEP_MS,
      });
    }
    this.#adoptedMs.push(nowMs);
    this.#learn('person', page.timeMs + page.withinMs / 2 - this.wallMs());
  }

  #lookForStep(): void {
    const { clock, machine } = this.#deps;
    const wallMinusUptimeMs = clock.wallMs() - machine.uptimeMs();
    const stepMs = wallMinusUptimeMs - this.#wallMinusUptimeMs;
    const isStep = Math.abs(stepMs) > STEP_MS;
    this.#wallMinusUptimeMs = wallMinusUptimeMs;
    // Whoever vouched did so before it; and labels never go back by themselves.
    if (isStep && (this.#source !== undefined || stepMs < 0)) this.#offsetMs -= stepMs;
    if (isStep) this.#note('the system’s clock stepped', stepMs);
  }

  #lookAtStamp(): void {
    const stamp = this.#deps.machine.networkStamp();
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (stamp === undefined || this.#isContradicted()) return;
    const isNews = this.#source === undefined || Math.abs(this.#offsetMs) > STEP_MS;
    if (isNews) this.#learn('network', -this.#offsetMs);
    else this.#trust('network');
  }

  /** The wall clock lies before footage whose time is certain: it cannot be right. */
  #isContradicted(): boolean {
    const { clock, db } = this.#deps;
    return clock.wallMs() < newestFootage(db).certainMs - AGREE_MS;
  }

  #learn(source: ClockSource, byMs: number): void {
    this.#offsetMs += byMs;
    this.#trust(source);
    this.#note('the time was learned', byMs);
    for (const listener of this.#listeners) listener();
  }

  #trust(source: ClockSource): void {
    this.#source = source;
    this.learnedTotal += 1;
    this.#keep();
  }

  #keep(): void {
    const known = this.known();
    if (known === undefined || this.#source === undefined) return;
    const { bootId, uptimeMs, nowMs: trueMs } = known;
    this.#keptMs = this.monotonicMs();
    try {
      keepTrustedMoment(this.#deps.db, { bootId, uptimeMs, trueMs, source: this.#source });
    } catch (thrown) {
      // A full disk; the next look tries again.
      if (!(thrown instanceof AppError) || thrown.kind !== 'io') throw thrown;
      this.#keptMs = undefined;
    }
  }

  #note(what: string, byMs: number): void {
    const labels = toRfc3339(this.wallMs());
    this.#deps.log.warn({ byMs: Math.round(byMs), labels, source: this.#source ?? 'none' }, what);
  }
}
