/** What became of the first steps (contract/first-steps.ts): kept for the household, the same in each browser. */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { toRfc3339, type EpochMs } from '../base/time.ts';
import {
  FIRST_STEPS,
  type FirstStep,
  type FirstStepId,
  type FirstStepPatch,
  type FirstSteps as FirstStepList,
  type FirstStepState,
} from '../contract/first-steps.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** One row: what is open has none. */
interface KeptStep {
  readonly step: string;
  readonly state: Exclude<FirstStepState, 'open'>;
  readonly atMs: EpochMs;
}

const ALL: Query<KeptStep> = {
  sql: 'SELECT step, state, at_ms FROM first_step',
  read: (row) => ({
    step: row.text('step'),
    state: row.text('state') === 'tried' ? 'tried' : 'put-away',
    atMs: row.instant('at_ms'),
  }),
};
const PUT = `
  INSERT INTO first_step (step, state, at_ms) VALUES (:step, :state, :atMs)
  ON CONFLICT (step) DO UPDATE SET state = excluded.state, at_ms = excluded.at_ms`;
const REMOVE = 'DELETE FROM first_step WHERE step = :step';

/** See the head of this file. */
export class FirstSteps {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  #knowsOfPhone = false;

  constructor(options: { readonly db: Database; readonly clock: Clock; readonly log: Log }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#knowsOfPhone = this.#stateOf('phones') === 'tried';
  }

  /** All there are, in their order. */
  list(): FirstStepList {
    const rows = this.#db.all(ALL, {});
    return { steps: FIRST_STEPS.map((step) => asTold(step, rows)) };
  }

  /** The owner says it. What was tried stays so: it happened. */
  set({ step, state }: FirstStepPatch): FirstStepList {
    if (step === 'phones' && state === 'tried') {
      throw new AppError('unprocessable', 'The box sees by itself when a phone comes in.', {
        reason: 'box-sees-it',
        hint: 'Open Doorkeep on the phone, by the address that stands beside the code, and sign in.',
      });
    }
    if (state === 'tried' || this.#stateOf(step) !== 'tried') this.#keep(step, state);
    return this.list();
  }

  /** No phone is known of yet: every request asks. */
  get awaitsPhone(): boolean {
    return !this.#knowsOfPhone;
  }

  /** Somebody is signed in on another machine than the box. Never throws: a full disk must not cost the visit. */
  phoneCame(): void {
    if (this.#knowsOfPhone) return;
    this.#knowsOfPhone = true;
    try {
      this.#keep('phones', 'tried');
    } catch (thrown) {
      this.#log.warn(errorFields(thrown), 'that a phone came in could not be kept');
    }
  }

  #stateOf(step: FirstStepId): FirstStepState {
    return asTold(step, this.#db.all(ALL, {})).state;
  }

  #keep(step: FirstStepId, state: FirstStepState): void {
    if (state === 'open') this.#db.run(REMOVE, { step });
    else this.#db.run(PUT, { step, state, atMs: this.#clock.wallMs() });
  }
}

function asTold(step: FirstStepId, rows: readonly KeptStep[]): FirstStep {
  const kept = rows.find((row) => row.step === step);
  return { step, state: kept?.state ?? 'open', at: kept ? toRfc3339(kept.atMs) : null };
}
