/** The record as people read it: pages of entries, and whether it still holds what a browser saw of it. The same
 * for everybody at home. */
import { toRfc3339 } from '../base/time.ts';
import {
  AUDIT_KINDS,
  AUDIT_PAGE_MAX,
  type AuditDetails,
  type AuditEntry,
  type AuditHead,
  type AuditHeadAnswer,
  type AuditKind,
  type AuditPage,
} from '../contract/audit.ts';
import {
  AUDIT_SCAN_ROWS,
  auditEntry,
  filteredAuditEntries,
  firstAuditEntry,
  notesOfKind,
  type AuditFilter,
  type StoredAuditEntry,
} from '../storage/audit-entries.ts';
import type { Database } from '../storage/database.ts';
import type { Opened, StoredPayload } from '../storage/sealed-payloads.ts';
import { detailsPlace } from './audit-log.ts';
import { noteOf } from './pruning.ts';

/** What it reads from. */
export interface AuditReaderParts {
  readonly db: Database;
  readonly payloads: { openAll(payloads: readonly StoredPayload[]): Promise<Opened[]> };
  readonly head: () => AuditHead;
}

/** What is asked for; see `AuditQuery`. */
export interface AuditQuestion extends Omit<AuditFilter, 'beforeSequence' | 'limit'> {
  readonly before: number | undefined;
  readonly limit: number | undefined;
}

const KINDS: ReadonlySet<string> = new Set(AUDIT_KINDS);

/** See the head of this file. */
export class AuditReader {
  readonly #parts: AuditReaderParts;

  constructor(parts: AuditReaderParts) {
    this.#parts = parts;
  }

  /** Newest first. `isOpen`: who asks has unlocked, so details are told. */
  async page({ before, limit, ...filter }: AuditQuestion, isOpen: boolean): Promise<AuditPage> {
    const { db, head } = this.#parts;
    const beforeSequence = before ?? head().sequence + 1;
    const wanted = Math.min(Math.max(limit ?? AUDIT_PAGE_MAX, 1), AUDIT_PAGE_MAX);
    const found = filteredAuditEntries(db, { ...filter, beforeSequence, limit: wanted });
    const oldest = firstAuditEntry(db)?.sequence ?? 1;
    const next =
      found.length === wanted
        ? (found.at(-1)?.sequence ?? oldest)
        : Math.max(beforeSequence - AUDIT_SCAN_ROWS, oldest);
    return {
      entries: await this.#told(found, isOpen),
      next: next > oldest ? String(next) : null,
    };
  }

  /** See `AuditHeadAnswer`. */
  head(since: AuditHead | undefined): AuditHeadAnswer {
    const { db, head } = this.#parts;
    const now = head();
    const answer = (
      continuity: AuditHeadAnswer['continuity'],
      setBackTo: string | null = null,
    ) => ({
      ...{ ...now, continuity, setBackTo },
    });
    if (since === undefined) return answer('first');
    const entry = auditEntry(db, since.sequence);
    if (entry?.hash.toString('hex') === since.hash) return answer('extends');
    // A backup that was put back ends what came after it; entries of those numbers are others now.
    const restored = notesOfKind(db, 'record-resumed').find(
      ({ sequence, noteJson }) =>
        sequence <= since.sequence && noteOf(noteJson)?.why === 'restored',
    );
    const backupAt = noteOf(restored?.noteJson)?.backupAt;
    if (backupAt !== undefined) return answer('set-back', backupAt);
    const first = firstAuditEntry(db)?.sequence ?? 1;
    if (entry === undefined && since.sequence < first && this.#isPruned(first)) {
      return answer('pruned');
    }
    return answer('differs');
  }

  #isPruned(first: number): boolean {
    return notesOfKind(this.#parts.db, 'record-pruned').some(
      ({ noteJson }) => (noteOf(noteJson)?.keptFrom ?? 0) >= first,
    );
  }

  async #told(found: readonly StoredAuditEntry[], isOpen: boolean): Promise<AuditEntry[]> {
    const sealed = found.flatMap(({ sequence, atMs, details }) =>
      details === undefined ? [] : [{ place: detailsPlace(sequence, atMs), sealed: details }],
    );
    const opened =
      isOpen && sealed.length > 0 ? await this.#parts.payloads.openAll(sealed) : undefined;
    let at = 0;
    return found.map((entry) => {
      if (entry.details === undefined) return told(entry, 'none');
      if (opened === undefined) return told(entry, 'locked');
      const payload = opened[at];
      at += 1;
      return told(entry, payload?.state ?? 'damaged', detailsOf(payload));
    });
  }
}

function detailsOf(payload: Opened | undefined): AuditDetails | null {
  if (payload?.state !== 'open') return null;
  // What this program sealed; the answer's schema leaves out whatever else there is.
  return JSON.parse(payload.bytes.toString()) as AuditDetails;
}

function told(
  entry: StoredAuditEntry,
  detailsState: AuditEntry['detailsState'],
  details: AuditDetails | null = null,
): AuditEntry {
  const { sequence, atMs, kind, userId, who, cameraId, objectId, noteJson } = entry;
  return {
    ...{ sequence, at: toRfc3339(atMs), who, isBox: userId === undefined && who === 'box' },
    // One of a newer Doorkeep, in a database that was put back: it still is an entry.
    kind: KINDS.has(kind) ? (kind as AuditKind) : 'settings-changed',
    ...{ camera: cameraId ?? null, object: objectId ?? null, note: noteOf(noteJson) ?? null },
    ...{ details, detailsState },
  };
}
