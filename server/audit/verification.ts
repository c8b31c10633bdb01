/** A check of the whole record that a person asked for by the page: one at a time, in the background, with how
 * far it is; it can be stopped. */
import type { Clock } from '../base/clock.ts';
import { toAppError } from '../base/errors.ts';
import type { AuditOutcome, AuditVerification } from '../contract/audit.ts';
import type { Database } from '../storage/database.ts';
import type { AuditState } from './key-file.ts';
import { verifyRecord, type TagChecker } from './verify.ts';

/** What it works with. */
export interface VerificationParts {
  readonly db: Database;
  readonly tags: TagChecker;
  /** As it is in memory at this moment. */
  readonly state: () => AuditState;
  readonly clock: Clock;
}

/** See the head of this file. */
export class Verification {
  readonly #parts: VerificationParts;
  #stop: AbortController | undefined;
  #work: Promise<void> = Promise.resolve();
  #done = 0;
  #total = 0;
  #outcome: AuditOutcome | undefined;
  #trouble: string | undefined;

  constructor(parts: VerificationParts) {
    this.#parts = parts;
  }

  /** How far it is, and how the last one ended. */
  get(): AuditVerification {
    return {
      ...{ running: this.#stop !== undefined, done: this.#done, total: this.#total },
      ...{ outcome: this.#outcome ?? null, trouble: this.#trouble ?? null },
    };
  }

  /** Begins one, unless one is going on. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    [this.#done, this.#total, this.#trouble] = [0, 0, undefined];
    this.#work = this.#run(this.#stop.signal);
  }

  /** Ends it; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#work;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { db, tags, clock, state } = this.#parts;
    try {
      this.#outcome = await verifyRecord({
        ...{ db, tags, state: state(), nowMs: clock.wallMs(), signal },
        onProgress: (done, total) => {
          [this.#done, this.#total] = [done, total];
        },
      });
    } catch (thrown) {
      const { kind, message } = toAppError(thrown);
      // Locked, or stopped, is no outcome: the one before still stands.
      if (kind !== 'cancelled') {
        this.#trouble = kind === 'locked' ? 'It was locked meanwhile.' : message;
      }
    } finally {
      this.#stop = undefined;
    }
  }
}
