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
  #at: { readonly name: string; step: number; key: Buffer } | undefined;

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
      const isRight = timingSafeEqual(auditTag(at.key, entryHash), tag);
      if (!isRight && bad.length < BAD_MAX) bad.push(at.step - firstStep);
      step(at);
    }
    return { bad, proof: auditKeyProof(at.key) };
  }

  /** Nothing of it stays in memory. */
  forget(): void {
    this.#at?.key.fill(0);
    this.#at = undefined;
  }

  #keyAt({ epochId, generation, firstStep }: AuditBatch) {
    const identity = this.#identityOf(generation);
    if (identity === undefined) return undefined;
    const name = `${String(generation)}:${Buffer.from(epochId).toString('hex')}`;
    if (this.#at?.name !== name || this.#at.step > firstStep) {
      this.forget();
      this.#at = { name, step: 0, key: firstAuditKey(identity, epochId) };
    }
    const at = this.#at;
    if (firstStep > AUDIT_STEPS_MAX) {
      throw new AppError('exhausted', 'The record is longer than can be checked.');
    }
    while (at.step < firstStep) step(at);
    return at;
  }
}

function step(at: { step: number; key: Buffer }): void {
  const next = nextAuditKey(at.key);
  at.key.fill(0);
  at.key = next;
  at.step += 1;
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}
