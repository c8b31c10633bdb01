/**
 * The keys of the record (docs/design/audit.md, "Chain"). The first key of an epoch comes from the household's
 * identity, each next one from the one before it, and each tags one entry. Pure.
 */
import { hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { AppError } from '../base/errors.ts';

/** SHA-256, and so every key, hash and tag of the record. */
export const AUDIT_BYTES = 32;

/** Names an epoch: random, so that no two begin with the same key. */
export const EPOCH_ID_BYTES = 16;

/** A hash and a tag, as `check` takes them. */
export const PAIR_BYTES = 2 * AUDIT_BYTES;

/** A thousand entries a day for a quarter of a century: some ten seconds of steps. */
export const AUDIT_STEPS_MAX = 10_000_000;

/** HKDF's `info` (RFC 5869 3.2). */
const FIRST_INFO = 'doorkeep record v1';
const NEXT = Buffer.from('doorkeep record next\n');
const TAG = Buffer.from('doorkeep record tag\n');
const PROOF = Buffer.from('doorkeep record proof\n');
/** Where a key or a hash will stand. */
const EMPTY = Buffer.alloc(AUDIT_BYTES);

/** The first key of an epoch: only who has the household's identity can make it. */
export function firstAuditKey(identity: string, epochId: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', identity, epochId, FIRST_INFO, AUDIT_BYTES));
}

/** The key after `key`; there is no way back. */
export function nextAuditKey(key: Uint8Array): Buffer {
  return sha256(NEXT, key);
}

/** The tag of one entry. Each key serves once and both parts have one length, so a hash over them is a
 * MAC: there is nothing to extend. */
export function auditTag(key: Uint8Array, entryHash: Uint8Array): Buffer {
  return sha256(TAG, key, entryHash);
}

/** Shows that somebody holds `key`, without showing it. */
export function auditKeyProof(key: Uint8Array): Buffer {
  return sha256(PROOF, key);
}

/** Consecutive entries of one epoch. */
export interface AuditBatch {
  readonly epochId: Uint8Array;
  /** Number of the household's key that the epoch began with. */
  readonly generation: number;
  /** Of the first entry: 0 for the epoch's first. */
  readonly firstStep: number;
  /** Hash and tag of each entry. */
  readonly pairs: Uint8Array;
}

/** What became of it. */
export interface CheckedBatch {
  /** Indexes of entries whose tag is not right; 64 at most. */
  readonly bad: readonly number[];
  /** `auditKeyProof` of the key after the last entry. */
  readonly proof: Buffer;
}

/** More are not told one by one. */
export const BAD_MAX = 64;

/** Checks tags, epoch by epoch. Keeps the key that comes next, so that batches in their order cost one step
 * for each entry. */
export class AuditKeys {
  readonly #identityOf: (generation: number) => string | undefined;
  #at: EpochKeys | undefined;

  /** `identityOf`: by number of the household's key. */
  constructor(identityOf: (generation: number) => string | undefined) {
    this.#identityOf = identityOf;
  }

  /** Undefined where that household's key is not at hand. */
  check(batch: AuditBatch): CheckedBatch | undefined {
    const { firstStep, pairs } = batch;
    const at = this.#keyAt(batch);
    if (at === undefined) return undefined;
    const bad: number[] = [];
    for (let offset = 0; offset + PAIR_BYTES <= pairs.length; offset += PAIR_BYTES) {
      const entryHash = pairs.subarray(offset, offset + AUDIT_BYTES);
      const tag = pairs.subarray(offset + AUDIT_BYTES, offset + PAIR_BYTES);
      const isRight = timingSafeEqual(at.tagOf(entryHash), tag);
      if (!isRight && bad.length < BAD_MAX) bad.push(at.step - firstStep);
      at.next();
    }
    return { bad, proof: at.proof };
  }

  /** Nothing of it stays in memory. */
  forget(): void {
    this.#at?.forget();
    this.#at = undefined;
  }

  #keyAt({ epochId, generation, firstStep }: AuditBatch) {
    const identity = this.#identityOf(generation);
    if (identity === undefined) return undefined;
    const name = `${String(generation)}:${Buffer.from(epochId).toString('hex')}`;
    if (this.#at?.name !== name || this.#at.step > firstStep) {
      this.forget();
      this.#at = new EpochKeys(name, firstAuditKey(identity, epochId));
    }
    const at = this.#at;
    if (firstStep > AUDIT_STEPS_MAX) {
      throw new AppError('exhausted', 'The record is longer than can be checked.');
    }
    while (at.step < firstStep) at.next();
    return at;
  }
}

/** The keys of one epoch, each over the one before it: a million of them are made in one place. */
class EpochKeys {
  /** Which epoch. */
  readonly name: string;
  /** Of the key that is here: 0 for the first. */
  step = 0;
  /** What is hashed for the next key and for a tag; the key stands in both. */
  readonly #forNext = Buffer.concat([NEXT, EMPTY]);
  readonly #forTag = Buffer.concat([TAG, EMPTY, EMPTY]);

  constructor(name: string, first: Buffer) {
    this.name = name;
    this.#set(first);
  }

  get proof(): Buffer {
    return auditKeyProof(this.#forNext.subarray(NEXT.length));
  }

  tagOf(entryHash: Uint8Array): Buffer {
    this.#forTag.set(entryHash, TAG.length + AUDIT_BYTES);
    // No secret, and text costs less than a buffer of its own.
    return Buffer.from(hash('sha256', this.#forTag, 'binary'), 'binary');
  }

  next(): void {
    this.#set(hash('sha256', this.#forNext, 'buffer'));
    this.step += 1;
  }

  forget(): void {
    this.#forNext.fill(0);
    this.#forTag.fill(0);
  }

  #set(key: Buffer): void {
    this.#forNext.set(key, NEXT.length);
    this.#forTag.set(key, TAG.length);
    key.fill(0);
  }
}

/** What is hashed holds a key: it does not stay in the memory that all buffers share. */
function sha256(...parts: readonly Uint8Array[]): Buffer {
  const whole = Buffer.concat(parts);
  const digest = hash('sha256', whole, 'buffer');
  whole.fill(0);
  return digest;
}
