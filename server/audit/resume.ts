/** Which of the keys that lie there goes with the entries that lie there, after whatever ended the box.
 * docs/design/audit.md, "Start". */
import { timingSafeEqual } from 'node:crypto';
import { toRfc3339 } from '../base/time.ts';
import type { AuditNote } from '../contract/audit.ts';
import { auditTag, nextAuditKey } from '../keys/audit-key.ts';
import {
  auditEntriesAfter,
  auditEpochs,
  lastAuditEntry,
  lastNoteOfKind,
  type StoredAuditEntry,
  type StoredAuditEpoch,
} from '../storage/audit-entries.ts';
import { takenBackups } from '../storage/backups-taken.ts';
import type { Database } from '../storage/database.ts';
import { restoredRunId } from '../storage/restored-footage.ts';
import { isEntryHash, NOTHING_BEFORE } from './entry-hash.ts';
import type { FoundState } from './key-file.ts';

/** How the record goes on. */
export type Resumed =
  | {
      readonly state: FoundState;
      readonly isEpochStored: boolean;
      /** Entries that were written once and are not there. */
      readonly missing?: { readonly from: number; readonly to: number };
    }
  | {
      readonly state: undefined;
      readonly next: number;
      readonly lastHash: Buffer;
      readonly isNew: boolean;
      readonly why: AuditNote;
    };

/** An older key file may be so many entries behind: an hour of a very busy day. */
const CATCH_UP_MAX = 10_000;

/** Of up to two states, the one that goes with the rows; a new epoch where none does. */
export function resume(db: Database, found: readonly FoundState[]): Resumed {
  const last = lastAuditEntry(db);
  const epochs = auditEpochs(db);
  const usable = found.flatMap((state) => caughtUp(db, { state, last, epochs }) ?? []);
  // A new epoch whose first entry was never committed counts only where nothing else is there.
  const [best] = usable.sort(
    (a, b) => Number(a.isFresh) - Number(b.isFresh) || b.state.next - a.state.next,
  );
  if (best !== undefined) {
    const { state, isStored } = best;
    const lastSequence = last?.sequence ?? 0;
    const missing = { from: lastSequence + 1, to: state.next - 1 };
    return {
      ...{ state, isEpochStored: isStored },
      ...(missing.to >= missing.from && { missing }),
    };
  }
  const isNew = last === undefined;
  const lastHash = last?.hash ?? NOTHING_BEFORE;
  return { state: undefined, next: (last?.sequence ?? 0) + 1, lastHash, isNew, why: whyOf(db) };
}

interface Candidate {
  readonly state: FoundState;
  readonly last: StoredAuditEntry | undefined;
  readonly epochs: readonly StoredAuditEpoch[];
}

/** The state after the last entry; undefined where it does not go with the entries. */
function caughtUp(db: Database, { state, last, epochs }: Candidate) {
  const isStored = epochs.some(({ epochId }) => epochId.equals(state.epochId));
  const lastSequence = last?.sequence ?? 0;
  if (!isStored && state.firstSequence <= lastSequence) return undefined;
  if (state.next > lastSequence) {
    const isFresh = state.firstSequence === state.next;
    // Without the entry before it, its hash is known from here alone.
    if (state.next > lastSequence + 1 || last === undefined) return { state, isStored, isFresh };
    if (!isLinked(state, last)) return undefined;
    return { state: { ...state, lastHash: last.hash }, isStored, isFresh };
  }
  if (lastSequence - state.next >= CATCH_UP_MAX) return undefined;
  // start 1: a stop came after the commit and before the key was erased.
  let { key, next, lastHash } = state;
  for (const entry of auditEntriesAfter(db, next - 1, CATCH_UP_MAX)) {
    const isItsEpoch = !epochs.some(
      ({ firstSequence, epochId }) =>
        firstSequence === entry.sequence && !epochId.equals(state.epochId),
    );
    const tag = auditTag(key, entry.hash);
    if (entry.sequence !== next || !isItsEpoch || !timingSafeEqual(tag, entry.tag))
      return undefined;
    key = nextAuditKey(key);
    next += 1;
    lastHash = entry.hash;
  }
  return { state: { ...state, key, next, lastHash }, isStored, isFresh: false };
}

/** Its key was written when the last entry was the newest, or while that was added (add 3). */
function isLinked({ lastHash }: FoundState, last: StoredAuditEntry): boolean {
  return last.hash.equals(lastHash) || isEntryHash(last.hash, lastHash, last);
}

/** A backup holds no key of the record: what it brings back goes on with another. */
function whyOf(db: Database): AuditNote {
  const [backup] = restoredRunId(db) === undefined ? [] : takenBackups(db);
  if (backup === undefined) return { why: 'key-lost' };
  const backupAt = toRfc3339(backup.takenMs);
  const before = lastNoteOfKind(db, 'record-resumed')?.noteJson;
  return before?.includes(backupAt) === true ? { why: 'key-lost' } : { why: 'restored', backupAt };
}
