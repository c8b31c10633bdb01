/** Which entries may go, and deleting them. docs/design/audit.md, "Pruning". */
import { epochMs, UTC_DAY_MS, type EpochMs } from '../base/time.ts';
import type { AuditNote } from '../contract/audit.ts';
import {
  auditEntry,
  deleteAuditEntriesBefore,
  firstAuditEntry,
  lastAuditEntry,
  lastNoteOfKind,
  newestAuditEntryBefore,
} from '../storage/audit-entries.ts';
import type { Database } from '../storage/database.ts';

/** So long an entry stays: a year, and a month to notice that it is about to go. */
export const AUDIT_KEPT_MS = 400 * UTC_DAY_MS;

/** So many stay, however old they are. */
export const AUDIT_KEPT_MIN = 100_000;

/** Fewer are not worth an entry that says that they went. */
const WORTH_PRUNING = 1_000;

/** In one commit: a few milliseconds. */
const AT_ONCE = 2_000;

/** From which entry on the record is to be kept, and the hash before it; undefined: nothing has to go. */
export function pruningDue(
  db: Database,
  nowMs: EpochMs,
): { readonly keptFrom: number; readonly previous: string } | undefined {
  const [first, last] = [firstAuditEntry(db), lastAuditEntry(db)];
  if (first === undefined || last === undefined) return undefined;
  if (first.atMs > nowMs - AUDIT_KEPT_MS) return undefined;
  const keptFrom = newestAuditEntryBefore(db, {
    atMost: last.sequence - AUDIT_KEPT_MIN,
    atMs: epochMs(nowMs - AUDIT_KEPT_MS),
  });
  if (keptFrom === undefined || keptFrom - first.sequence < WORTH_PRUNING) return undefined;
  const previous = auditEntry(db, keptFrom - 1)?.hash.toString('hex');
  return previous === undefined ? undefined : { keptFrom, previous };
}

/** prune 2: deletes what the newest entry about it says has gone. */
export function pruneRest(db: Database): void {
  const keptFrom = keptFromOf(lastNoteOfKind(db, 'record-pruned')?.noteJson);
  if (keptFrom === undefined) return;
  while (deleteAuditEntriesBefore(db, keptFrom, AT_ONCE) === AT_ONCE);
}

/** What an entry about pruning says; undefined for any other. */
export function keptFromOf(noteJson: string | undefined): number | undefined {
  return noteOf(noteJson)?.keptFrom;
}

/** What an entry says in clear; undefined where it says nothing. */
export function noteOf(noteJson: string | undefined): AuditNote | undefined {
  if (noteJson === undefined) return undefined;
  const value: unknown = JSON.parse(noteJson);
  // Only this program writes them; whoever else did is found by the hash that covers it.
  return typeof value === 'object' && value !== null ? value : undefined;
}
