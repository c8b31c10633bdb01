/**
 * Checks the record from its first entry to its last: that each fits to the one before it, and, with the
 * household's key, that each was written when it says and by nobody else. Reads in pages; what it means is in
 * docs/design/audit.md, "What a check proves".
 */
import { cancelled } from '../base/errors.ts';
import { letOthersRun } from '../base/let-others-run.ts';
import { toRfc3339, UTC_DAY_MS, type EpochMs } from '../base/time.ts';
import type { AuditFinding, AuditFindingName, AuditOutcome } from '../contract/audit.ts';
import {
  auditKeyProof,
  auditTag,
  nextAuditKey,
  type AuditBatch,
  type CheckedBatch,
} from '../keys/audit-key.ts';
import {
  auditEntriesAfter,
  auditEpochs,
  firstAuditEntry,
  lastAuditEntry,
  notesOfKind,
  type StoredAuditEntry,
  type StoredAuditEpoch,
} from '../storage/audit-entries.ts';
import type { Database } from '../storage/database.ts';
import { isEntryHash, NOTHING_BEFORE } from './entry-hash.ts';
import type { AuditState } from './key-file.ts';
import { AUDIT_KEPT_MIN, AUDIT_KEPT_MS, noteOf } from './pruning.ts';

/** Whoever has the household's key. */
export interface TagChecker {
  /** Undefined where the household's key of that number is not at hand. */
  check(batch: AuditBatch): Promise<CheckedBatch | undefined>;
}

/** What is checked, and with what. */
export interface VerifyInput {
  readonly db: Database;
  /** Undefined: only that the entries fit together. */
  readonly tags: TagChecker | undefined;
  /** From before the first page was read; undefined where there is no key file that this box can open. */
  readonly state: AuditState | undefined;
  readonly nowMs: EpochMs;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Some 5 ms, between which others get their turn: a live view does not notice. */
const PAGE_ENTRIES = 1_024;

/** More are counted, not listed. */
const LISTED_MAX = 100;

/** What a box writes before there is anybody whose key it could be bound to. */
const OF_A_NEW_BOX: ReadonlySet<string> = new Set([
  ...['record-begun', 'record-resumed', 'record-missing', 'box-started', 'box-stopped'],
  ...['set-up', 'sign-in-refused', 'connection-refused', 'disk-accepted'],
]);

/** See the head of this file. Throws `cancelled`, `io`. */
export async function verifyRecord(input: VerifyInput): Promise<AuditOutcome> {
  return new Verifier(input).run();
}

class Verifier {
  readonly #input: VerifyInput;
  readonly #epochs: readonly StoredAuditEpoch[];
  readonly #findings: AuditFinding[] = [];
  #total = 0;
  #bound = 0;
  readonly #restores: string[] = [];
  /** Hash of the entry before; undefined behind a hole. */
  #previous: Buffer | undefined;
  #expected = 0;
  /** Of the key after the entries that were checked last. */
  #proof: { readonly epochId: Buffer; readonly next: number; readonly proof: Buffer } | undefined;
  /** The key that lies there, carried along to the end. */
  #held: { key: Buffer; next: number } | undefined;

  constructor(input: VerifyInput) {
    this.#input = input;
    this.#epochs = auditEpochs(input.db);
    const { state } = input;
    if (state !== undefined) this.#held = { key: Buffer.from(state.key), next: state.next };
  }

  async run(): Promise<AuditOutcome> {
    const { db, signal, onProgress, nowMs, tags } = this.#input;
    const [first, last] = [firstAuditEntry(db), lastAuditEntry(db)];
    const from = first === undefined ? 1 : this.#begin(first);
    const total = (last?.sequence ?? 0) - from + 1;
    let at = from - 1;
    let tagsBefore: Promise<readonly AuditFinding[]> = Promise.resolve([]);
    while (last !== undefined && at < last.sequence) {
      if (signal.aborted) throw cancelled(signal);
      const page = auditEntriesAfter(db, at, PAGE_ENTRIES).filter(
        ({ sequence }) => sequence <= last.sequence,
      );
      if (page.length === 0) break;
      this.#findAll(await tagsBefore);
      // Whoever has the keys works while this page is looked at and the next one is read.
      tagsBefore = this.#checkTags(page);
      // It is waited for above and below; what is thrown until then ends the check first.
      tagsBefore.catch(() => undefined);
      for (const entry of page) this.#look(entry);
      at = page.at(-1)?.sequence ?? last.sequence;
      onProgress(at - from + 1, total);
      await letOthersRun();
    }
    this.#findAll(await tagsBefore);
    this.#end(last);
    return {
      ...{ checkedAt: toRfc3339(nowMs), whole: this.#total === 0, withKey: tags !== undefined },
      ...{ first: from, last: last?.sequence ?? 0, bound: this.#bound },
      ...{ restores: this.#restores, findings: this.#findings, findingsTotal: this.#total },
    };
  }

  /** Where the record begins, and whether what was before it may be gone. */
  #begin(first: StoredAuditEntry): number {
    let from = first.sequence;
    let isAllowed = from === 1;
    this.#previous = from === 1 ? NOTHING_BEFORE : undefined;
    for (const pruned of notesOfKind(this.#input.db, 'record-pruned')) {
      const { keptFrom = 0, previous } = noteOf(pruned.noteJson) ?? {};
      if (keptFrom < from) continue;
      from = keptFrom;
      isAllowed = true;
      this.#previous = previous === undefined ? undefined : Buffer.from(previous, 'hex');
      this.#checkBounds(pruned, keptFrom);
    }
    if (!isAllowed) this.#find('beginning-missing', 1);
    this.#expected = from;
    return from;
  }

  /** What somebody else wrote into the record later must not empty it. */
  #checkBounds({ sequence, atMs }: StoredAuditEntry, keptFrom: number): void {
    const [kept] = auditEntriesAfter(this.#input.db, keptFrom - 1, 1);
    const isOld = kept?.sequence === keptFrom && kept.atMs <= atMs - AUDIT_KEPT_MS;
    if (sequence - keptFrom < AUDIT_KEPT_MIN || !isOld) this.#find('pruned-too-much', sequence);
    if (atMs > this.#input.nowMs + UTC_DAY_MS) this.#find('from-the-future', sequence);
  }

  #look(entry: StoredAuditEntry): void {
    const { sequence, hash } = entry;
    const note = entry.kind.startsWith('record-') ? noteOf(entry.noteJson) : undefined;
    if (sequence !== this.#expected) {
      this.#find('entries-missing', this.#expected);
      const { previous } = note ?? {};
      this.#previous = previous === undefined ? undefined : Buffer.from(previous, 'hex');
    }
    const isRight = this.#previous === undefined || isEntryHash(hash, this.#previous, entry);
    if (!isRight) this.#find('entry-changed', sequence);
    this.#previous = hash;
    this.#expected = sequence + 1;
    if (entry.kind === 'record-resumed') {
      if (note?.why === 'restored' && note.backupAt !== undefined) {
        this.#restores.push(note.backupAt);
      } else {
        this.#find('key-lost', sequence);
      }
    }
    this.#carry(entry);
  }

  /** The key that lies there now goes with what was written since it was looked at. */
  #carry({ sequence, hash, tag }: StoredAuditEntry): void {
    const held = this.#held;
    if (held?.next !== sequence) return;
    // What lies there is older than an epoch: it was put back, or looked at in a moment that passed.
    const isNewEpoch = this.#epochs.some(({ firstSequence }) => firstSequence === sequence);
    if (isNewEpoch || !auditTag(held.key, hash).equals(tag)) this.#find('end-not-ours', sequence);
    held.key = nextAuditKey(held.key);
    held.next += 1;
  }

  /** What is found is told by the caller, in the order of the entries. */
  async #checkTags(page: readonly StoredAuditEntry[]): Promise<readonly AuditFinding[]> {
    const { tags } = this.#input;
    if (tags === undefined) return [];
    const found: AuditFinding[] = [];
    for (const { epoch, entries } of byEpoch(page, this.#epochs)) {
      const [first] = entries;
      if (first === undefined) continue;
      if (epoch === undefined) {
        found.push({ name: 'entry-not-ours', sequence: first.sequence });
      } else if (epoch.generation === undefined) {
        found.push(...lookAtUnbound(epoch, entries));
      } else {
        const { generation } = epoch;
        found.push(...(await this.#checkEpoch(tags, { ...epoch, generation }, entries)));
      }
    }
    return found;
  }

  async #checkEpoch(
    tags: TagChecker,
    { epochId, generation, firstSequence }: StoredAuditEpoch & { generation: number },
    entries: readonly StoredAuditEntry[],
  ): Promise<readonly AuditFinding[]> {
    const found: AuditFinding[] = [];
    // Behind a hole a batch begins anew: steps count entries that are there and those that are not.
    for (const run of withoutHoles(entries)) {
      const [first] = run;
      if (first === undefined) continue;
      const pairs = Buffer.concat(run.flatMap(({ hash, tag }) => [hash, tag]));
      const firstStep = first.sequence - firstSequence;
      const checked = await tags.check({ epochId, generation, firstStep, pairs });
      if (checked === undefined) {
        found.push({ name: 'not-checkable', sequence: first.sequence });
        break;
      }
      for (const index of checked.bad) {
        found.push({ name: 'entry-not-ours', sequence: first.sequence + index });
      }
      this.#bound += run.length - checked.bad.length;
      this.#proof = { epochId, next: first.sequence + run.length, proof: checked.proof };
    }
    return found;
  }

  /** Nothing was cut off: the key that lies there is the one after the last entry. */
  #end(last: StoredAuditEntry | undefined): void {
    const { state } = this.#input;
    const lastSequence = last?.sequence ?? 0;
    if (state === undefined || this.#held === undefined) {
      this.#find('end-not-ours', lastSequence);
      return;
    }
    const { next, key } = this.#held;
    if (next > lastSequence + 1) this.#find('end-missing', lastSequence + 1);
    if (next < lastSequence + 1) this.#find('end-not-ours', lastSequence);
    const proof = this.#proof;
    const epoch = this.#epochs.findLast(({ firstSequence }) => firstSequence <= lastSequence);
    const isOfLast = epoch?.epochId.equals(state.epochId) === true;
    const isProven = proof?.next !== next || !isOfLast || auditKeyProof(key).equals(proof.proof);
    // What was cut off at an epoch's end leaves the key of another one.
    if (!isOfLast || !isProven) this.#find('end-not-ours', lastSequence);
    key.fill(0);
  }

  #find(name: AuditFindingName, sequence: number): void {
    this.#total += 1;
    if (this.#findings.length < LISTED_MAX) this.#findings.push({ name, sequence });
  }

  #findAll(found: readonly AuditFinding[]): void {
    for (const { name, sequence } of found) this.#find(name, sequence);
  }
}

/** Written while everything was locked: anybody with the disk could have. A box that is new, or was
 * restored, has little to say before somebody unlocks. */
function* lookAtUnbound(
  { firstSequence }: StoredAuditEpoch,
  entries: readonly StoredAuditEntry[],
): Iterable<AuditFinding> {
  for (const { sequence, kind } of entries) {
    const mayBegin = kind === 'record-resumed' || (kind === 'record-begun' && sequence === 1);
    if (sequence === firstSequence && !mayBegin) yield { name: 'entry-not-ours', sequence };
    else if (!OF_A_NEW_BOX.has(kind)) yield { name: 'not-checkable', sequence };
  }
}

function* byEpoch(page: readonly StoredAuditEntry[], epochs: readonly StoredAuditEpoch[]) {
  let at = 0;
  while (at < page.length) {
    const sequence = page[at]?.sequence ?? 0;
    const index = epochs.findLastIndex(({ firstSequence }) => firstSequence <= sequence);
    const end = epochs[index + 1]?.firstSequence ?? Infinity;
    const stop = page.findIndex((entry, place) => place > at && entry.sequence >= end);
    const to = stop === -1 ? page.length : stop;
    yield { epoch: epochs[index], entries: page.slice(at, to) };
    at = to;
  }
}

function* withoutHoles(entries: readonly StoredAuditEntry[]) {
  let from = 0;
  for (let at = 1; at <= entries.length; at += 1) {
    const isNext = entries[at]?.sequence === (entries[at - 1]?.sequence ?? 0) + 1;
    if (at < entries.length && isNext) continue;
    yield entries.slice(from, at);
    from = at;
  }
}
