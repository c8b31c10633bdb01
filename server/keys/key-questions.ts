/** What is asked of a key process that is open, in the pieces that one message may have. */
import { AppError } from '../base/errors.ts';
import { type AuditBatch, BAD_MAX, type CheckedBatch, PAIR_BYTES } from './audit-key.ts';
import { decodeDayKey, type DayKey } from './day-key.ts';
import {
  AUDIT_ENTRIES_AT_ONCE,
  bufferOf,
  DAY_KEYS_AT_ONCE,
  type KeyAnswer,
  type KeyRequest,
} from './key-messages.ts';

/** Asks the key process one thing. */
export type AskKeys = (request: KeyRequest) => Promise<KeyAnswer>;

/** How an epoch of the record begins. */
export interface BegunEpoch {
  readonly epochId: Buffer;
  readonly generation: number;
  /** The caller zeroes it. */
  readonly key: Buffer;
}

/** Opens day keys, in order; undefined for what does not open. */
export async function openDayKeys(
  ask: AskKeys,
  sealed: readonly Buffer[],
): Promise<(DayKey | undefined)[]> {
  const opened: (DayKey | undefined)[] = [];
  for (let at = 0; at < sealed.length; at += DAY_KEYS_AT_ONCE) {
    const some = sealed.slice(at, at + DAY_KEYS_AT_ONCE);
    const answer = await ask({ type: 'day-keys', sealed: some });
    if (answer.type !== 'day-keys') throw oddAnswer();
    for (const secret of answer.secrets) {
      opened.push(secret === null ? undefined : decodeDayKey(secret));
      secret?.fill(0);
    }
  }
  return opened;
}

/** What the record asks. Everything is `locked` while nobody has unlocked. */
export class AuditQuestions {
  readonly #ask: AskKeys;

  constructor(ask: AskKeys) {
    this.#ask = ask;
  }

  /** A new epoch of the record begins with this, under the newest identity. */
  begin(): Promise<BegunEpoch> {
    return beginAudit(this.#ask);
  }

  /** Checks tags; undefined where the household's key of that number is not at hand. */
  check(batch: AuditBatch): Promise<CheckedBatch | undefined> {
    return checkAudit(this.#ask, batch);
  }
}

async function beginAudit(ask: AskKeys): Promise<BegunEpoch> {
  const answer = await ask({ type: 'audit-begin' });
  if (answer.type !== 'audit-begun') throw oddAnswer();
  const { epochId, generation, key } = answer;
  return {
    ...{ epochId: bufferOf(epochId), generation },
    key: bufferOf(key),
  };
}

async function checkAudit(
  ask: AskKeys,
  { epochId, generation, firstStep, pairs }: AuditBatch,
): Promise<CheckedBatch | undefined> {
  const bad: number[] = [];
  const step = AUDIT_ENTRIES_AT_ONCE * PAIR_BYTES;
  let proof = Buffer.alloc(0);
  // Also with nothing to check: the proof is wanted then.
  for (let at = 0; at === 0 || at < pairs.length; at += step) {
    const first = at / PAIR_BYTES;
    const some = pairs.subarray(at, at + step);
    const asked = { epochId, generation, firstStep: firstStep + first, pairs: some };
    const answer = await ask({ type: 'audit-check', ...asked });
    if (answer.type === 'refused') return undefined;
    if (answer.type !== 'audit-checked') throw oddAnswer();
    bad.push(...answer.bad.map((index) => first + index));
    proof = Buffer.from(answer.proof);
  }
  return { bad: bad.slice(0, BAD_MAX), proof };
}

function oddAnswer(): AppError {
  return new AppError('internal', 'the key process answered oddly');
}
