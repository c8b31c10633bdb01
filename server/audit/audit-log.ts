/**
 * The record: entries are added, one after the other, each tagged with a key that is erased afterwards.
 * Steps and invariants: docs/design/audit.md, "Durable order".
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { utcDayOf } from '../base/time.ts';
import type { AuditDetails, AuditHead, AuditKind, AuditNote } from '../contract/audit.ts';
import { AUDIT_BYTES, auditTag, EPOCH_ID_BYTES, nextAuditKey } from '../keys/audit-key.ts';
import {
  insertAuditEntry,
  insertAuditEpoch,
  type AuditFacts,
  type StoredAuditEntry,
} from '../storage/audit-entries.ts';
import type { Database } from '../storage/database.ts';
import type { PayloadPlace } from '../storage/payload.ts';
import { entryHash } from './entry-hash.ts';
import type { AuditKeyFile, AuditState } from './key-file.ts';
import { pruneRest, pruningDue } from './pruning.ts';
import { resume } from './resume.ts';

/** Who did it; the box itself, or nobody who is signed in. */
export type AuditActor = { readonly userId: number; readonly username: string } | 'box' | 'nobody';

/** What is to be added. */
export interface NewAuditEntry {
  readonly kind: AuditKind;
  readonly who: AuditActor;
  readonly cameraId?: string;
  readonly objectId?: string;
  readonly note?: AuditNote;
  readonly details?: AuditDetails;
}

/** A new epoch, from the household's keys (`AuditQuestions`). */
export interface NewEpoch {
  readonly epochId: Buffer;
  readonly generation: number;
  readonly key: Buffer;
}

/** What the record asks of the household's keys. */
export interface AuditHousehold {
  /** Number of the newest key; undefined before there is a household. */
  readonly generation: number | undefined;
  /** `locked` while nobody has unlocked. */
  begin(): Promise<NewEpoch>;
}

/** What it is made of. */
export interface AuditLogParts {
  readonly db: Database;
  readonly keyFile: AuditKeyFile;
  readonly household: AuditHousehold;
  /** Seals details; undefined where nothing can be sealed, which is at the command line. */
  readonly seal?: (place: PayloadPlace, bytes: Buffer) => Promise<Buffer>;
  /** The box's time. */
  readonly clock: Clock;
}

/** Entries that wait for the one before them. A household does not do so much at once. */
const WAITING_MAX = 128;

/** See the head of this file. */
export class AuditLog {
  readonly #parts: AuditLogParts;
  #state: AuditState;
  /** The state stands in the file, and the key after it. */
  #isWritten = true;
  #isEpochStored: boolean;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #prunedDay = -1;

  private constructor(parts: AuditLogParts, state: AuditState, isEpochStored: boolean) {
    this.#parts = parts;
    this.#state = state;
    this.#isEpochStored = isEpochStored;
  }

  /** Goes on where the record ended, or says in an entry why it cannot. Throws `io`, `conflict`. */
  static async open(parts: AuditLogParts): Promise<AuditLog> {
    const { db, keyFile } = parts;
    const found = resume(db, await keyFile.read());
    if (found.state !== undefined) {
      // start 2: nothing else stays in the file.
      keyFile.settle(found.state);
      const log = new AuditLog(parts, found.state, found.isEpochStored);
      if (found.missing !== undefined) {
        await log.append({
          ...{ kind: 'record-missing', who: 'box' },
          note: {
            ...{ why: 'rows-lost', ...found.missing },
            previous: found.state.lastHash.toString('hex'),
          },
        });
      }
      return log;
    }
    const log = new AuditLog(parts, boxEpoch(found.next, found.lastHash), false);
    const { epochId, key } = log.#state;
    await log.#changeEpoch(
      { epochId, key, generation: undefined },
      found.isNew
        ? { kind: 'record-begun', who: 'box', note: { why: 'new' } }
        : { kind: 'record-resumed', who: 'box', note: found.why },
    );
    return log;
  }

  /** The newest entry. */
  get head(): AuditHead {
    return { sequence: this.#state.next - 1, hash: this.#state.lastHash.toString('hex') };
  }

  /** What the next entry is made with, as a copy that the caller zeroes. */
  get state(): AuditState {
    return { ...this.#state, key: Buffer.from(this.#state.key) };
  }

  /** Adds one entry: durable when it resolves, and its key is gone. `io`, `exhausted`. */
  append(entry: NewAuditEntry): Promise<StoredAuditEntry> {
    return this.#alone(() => this.#append(entry));
  }

  /** The chain of keys begins anew from the household's newest key, where it has not yet. Somebody has
   * unlocked. */
  bind(): Promise<void> {
    return this.#alone(async () => {
      const { household } = this.#parts;
      const { generation } = this.#state;
      if (household.generation === undefined || generation === household.generation) return;
      const why = generation === undefined ? 'unlocked' : 'new-key';
      const epoch = await household.begin();
      await this.#changeEpoch(epoch, { kind: 'record-bound', who: 'box', note: { why } });
    });
  }

  /** Resolves when what was added so far is durable, or was refused. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** The key leaves the memory. */
  async close(): Promise<void> {
    await this.settled();
    this.#state.key.fill(0);
    this.#parts.keyFile.close();
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) {
      return Promise.reject(new AppError('exhausted', 'Too much is to be recorded at once.'));
    }
    this.#waiting += 1;
    const result = this.#turn.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #append(entry: NewAuditEntry): Promise<StoredAuditEntry> {
    const { db, keyFile } = this.#parts;
    // add 3 of the entry before, where the disk refused it.
    if (!this.#isWritten) {
      keyFile.replace(this.#state);
      this.#isWritten = true;
    }
    this.#prune();
    const made = await this.#make(entry);
    this.#insert(made, db);
    this.#step(made);
    // add 3: the key of this entry is erased.
    keyFile.moveOn(this.#state);
    this.#isWritten = true;
    return made;
  }

  /** A new epoch's key is written before its first entry, and the old one erased after it: whichever of
   * them counts is there at every moment. */
  async #changeEpoch(
    epoch: Omit<AuditState, 'firstSequence' | 'next' | 'lastHash'>,
    entry: NewAuditEntry,
  ) {
    const { db, keyFile } = this.#parts;
    const { next, lastHash } = this.#state;
    const before = this.#state.key;
    const state = { ...epoch, firstSequence: next, next, lastHash };
    // Whatever fails from here on: the key after the next one is not beside it.
    this.#isWritten = false;
    keyFile.writeBeside(state);
    if (before !== epoch.key) before.fill(0);
    this.#state = state;
    this.#isEpochStored = false;
    const made = await this.#make(entry);
    this.#insert(made, db);
    // epoch 3: the old epoch's key is of no use any more, and is the first to be overwritten.
    keyFile.turn();
    this.#step(made);
    keyFile.replace(this.#state);
    this.#isWritten = true;
  }

  /** add 1. */
  async #make({ kind, who, ...more }: NewAuditEntry): Promise<StoredAuditEntry> {
    const { clock } = this.#parts;
    const { next: sequence, lastHash, key } = this.#state;
    const facts: AuditFacts = {
      ...{ sequence, atMs: clock.wallMs(), kind },
      userId: typeof who === 'string' ? undefined : who.userId,
      who: typeof who === 'string' ? (who === 'box' ? 'box' : '') : who.username,
      ...{ cameraId: more.cameraId, objectId: more.objectId },
      noteJson: more.note === undefined ? undefined : JSON.stringify(more.note),
      details: undefined,
    };
    const details = await this.#sealed(facts, more.details);
    const hash = entryHash(lastHash, { ...facts, details });
    return { ...facts, details, hash, tag: auditTag(key, hash) };
  }

  /** Nothing is sealed before there is a household. */
  async #sealed({ atMs, sequence }: AuditFacts, details: AuditDetails | undefined) {
    const { seal, household } = this.#parts;
    if (details === undefined || seal === undefined || household.generation === undefined) {
      return undefined;
    }
    return seal(detailsPlace(sequence, atMs), Buffer.from(JSON.stringify(details)));
  }

  /** add 2. */
  #insert(made: StoredAuditEntry, db: Database): void {
    db.transaction(() => {
      if (!this.#isEpochStored) insertAuditEpoch(db, this.#state);
      insertAuditEntry(db, made);
    });
    this.#isEpochStored = true;
  }

  #step({ hash }: StoredAuditEntry): void {
    const { key, next } = this.#state;
    this.#state = { ...this.#state, key: nextAuditKey(key), next: next + 1, lastHash: hash };
    key.fill(0);
    this.#isWritten = false;
  }

  /** Once a day, and what a stop left of it. */
  #prune(): void {
    const { db, clock } = this.#parts;
    const day = utcDayOf(clock.wallMs());
    if (day === this.#prunedDay) return;
    this.#prunedDay = day;
    pruneRest(db);
    const due = pruningDue(db, clock.wallMs());
    if (due === undefined) return;
    // Its turn comes after this entry.
    this.append({ kind: 'record-pruned', who: 'box', note: { why: 'room', ...due } }).then(
      () => {
        pruneRest(db);
      },
      // The next day tries again.
      () => undefined,
    );
  }
}

/** Where the details of an entry belong. */
export function detailsPlace(sequence: number, atMs: AuditFacts['atMs']): PayloadPlace {
  return { day: utcDayOf(atMs), table: 'audit_entry', column: 'details', rowId: sequence };
}

/** While everything is locked: a key from nowhere, until somebody unlocks. */
function boxEpoch(next: number, lastHash: Buffer): AuditState {
  return {
    ...{ epochId: randomBytes(EPOCH_ID_BYTES), key: randomBytes(AUDIT_BYTES), next, lastHash },
    ...{ generation: undefined, firstSequence: next },
  };
}
