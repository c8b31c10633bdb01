/** Rows of the record. They are added one after the other and leave from the beginning only; what they mean
 * is the business of `audit/`. */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query, Row, SqlParams } from './row.ts';

/** What an entry says, as it is stored. */
export interface AuditFacts {
  readonly sequence: number;
  readonly atMs: EpochMs;
  readonly kind: string;
  readonly userId: number | undefined;
  readonly who: string;
  readonly cameraId: string | undefined;
  readonly objectId: string | undefined;
  readonly noteJson: string | undefined;
  /** A sealed payload. */
  readonly details: Buffer | undefined;
}

/** See `AuditFacts`. */
export interface StoredAuditEntry extends AuditFacts {
  readonly hash: Buffer;
  readonly tag: Buffer;
}

/** Where the chain of keys begins anew. */
export interface StoredAuditEpoch {
  readonly firstSequence: number;
  readonly epochId: Buffer;
  /** Undefined for one that began while everything was locked. */
  readonly generation: number | undefined;
}

/** Which entries are asked for. */
export interface AuditFilter {
  readonly beforeSequence: number;
  readonly fromMs?: EpochMs | undefined;
  readonly toMs?: EpochMs | undefined;
  readonly kind?: string | undefined;
  readonly who?: string | undefined;
  readonly cameraId?: string | undefined;
  readonly limit: number;
}

/** So many rows are looked at for one page: 10 ms. */
export const AUDIT_SCAN_ROWS = 20_000;

const IN_CLEAR = 'sequence, at_ms, kind, user_id, who, camera_id, object_id, note_json';
const COLUMNS = `${IN_CLEAR}, details, hash, tag`;
const INSERT = `
  INSERT INTO audit_entry (${COLUMNS})
  VALUES (:sequence, :atMs, :kind, :userId, :who, :cameraId, :objectId, :noteJson, :details, :hash, :tag)`;
const INSERT_EPOCH = `
  INSERT OR REPLACE INTO audit_epoch (first_sequence, epoch_id, generation)
  VALUES (:firstSequence, :epochId, :generation)`;
const LAST = query(`SELECT ${COLUMNS} FROM audit_entry ORDER BY sequence DESC LIMIT 1`);
const FIRST = query(`SELECT ${COLUMNS} FROM audit_entry ORDER BY sequence LIMIT 1`);
const BY_SEQUENCE = query(`SELECT ${COLUMNS} FROM audit_entry WHERE sequence = :sequence`);
// Whoever checks the record reads a million: their bytes come as one value, because each value of bytes
// costs as much as all that is in clear.
const AFTER: Query<StoredAuditEntry> = {
  sql: `
    SELECT ${IN_CLEAR}, length(hash) AS hash_bytes, length(details) AS details_bytes,
      CAST(hash || tag || ifnull(details, '') AS BLOB) AS bytes
    FROM audit_entry WHERE sequence > :sequence ORDER BY sequence LIMIT :limit`,
  read: (row) => {
    const bytes = row.blob('bytes');
    const detailsBytes = row.optionalInteger('details_bytes');
    const [hashEnd, tagEnd] = [row.integer('hash_bytes'), bytes.length - (detailsBytes ?? 0)];
    return readWith(row, {
      details: detailsBytes === undefined ? undefined : bytes.subarray(tagEnd),
      hash: bytes.subarray(0, hashEnd),
      tag: bytes.subarray(hashEnd, tagEnd),
    });
  },
};
const LAST_OF_KIND = query(`
  SELECT ${COLUMNS} FROM audit_entry WHERE kind = :kind AND note_json IS NOT NULL
  ORDER BY sequence DESC LIMIT 1`);
const NOTES = query(`
  SELECT ${COLUMNS} FROM audit_entry WHERE kind = :kind AND note_json IS NOT NULL ORDER BY sequence`);
const FILTERED = query(`
  SELECT * FROM (
    SELECT ${COLUMNS} FROM audit_entry WHERE sequence < :before
    ORDER BY sequence DESC LIMIT ${String(AUDIT_SCAN_ROWS)})
  WHERE (:kind IS NULL OR kind = :kind) AND (:who IS NULL OR who = :who)
    AND (:cameraId IS NULL OR camera_id = :cameraId)
    AND (:fromMs IS NULL OR at_ms >= :fromMs) AND (:toMs IS NULL OR at_ms < :toMs)
  ORDER BY sequence DESC LIMIT :limit`);
const EPOCHS: Query<StoredAuditEpoch> = {
  sql: 'SELECT first_sequence, epoch_id, generation FROM audit_epoch ORDER BY first_sequence',
  read: (row) => ({
    firstSequence: row.integer('first_sequence'),
    epochId: row.blob('epoch_id'),
    generation: row.optionalInteger('generation'),
  }),
};
const DELETE_BEFORE = `
  DELETE FROM audit_entry WHERE sequence IN (
    SELECT sequence FROM audit_entry WHERE sequence < :sequence ORDER BY sequence LIMIT :limit)`;
const DELETE_EPOCHS = `
  DELETE FROM audit_epoch WHERE first_sequence < (
    SELECT max(first_sequence) FROM audit_epoch WHERE first_sequence <= :sequence)`;
const COUNT_AT: Query<number> = {
  sql: `SELECT sequence FROM audit_entry WHERE sequence <= :atMost AND at_ms <= :atMs
        ORDER BY sequence DESC LIMIT 1`,
  read: (row) => row.integer('sequence'),
};

/** Adds one. */
export function insertAuditEntry(db: Database, entry: StoredAuditEntry): void {
  const { userId = null, cameraId = null, objectId = null, noteJson = null } = entry;
  const { details = null } = entry;
  db.run(INSERT, { ...entry, userId, cameraId, objectId, noteJson, details });
}

/** Notes where an epoch begins. */
export function insertAuditEpoch(db: Database, epoch: StoredAuditEpoch): void {
  db.run(INSERT_EPOCH, { ...epoch, generation: epoch.generation ?? null });
}

/** The newest entry; undefined while there is none. */
export function lastAuditEntry(db: Database): StoredAuditEntry | undefined {
  return db.get(LAST);
}

/** The oldest that is there. */
export function firstAuditEntry(db: Database): StoredAuditEntry | undefined {
  return db.get(FIRST);
}

/** One entry. */
export function auditEntry(db: Database, sequence: number): StoredAuditEntry | undefined {
  return db.get(BY_SEQUENCE, { sequence });
}

/** The next ones, in their order. */
export function auditEntriesAfter(
  db: Database,
  sequence: number,
  limit: number,
): StoredAuditEntry[] {
  return db.all(AFTER, { sequence, limit });
}

/** The newest of a kind that is about the record itself. */
export function lastNoteOfKind(db: Database, kind: string): StoredAuditEntry | undefined {
  return db.get(LAST_OF_KIND, { kind });
}

/** All of a kind that is about the record itself, oldest first: there are few. */
export function notesOfKind(db: Database, kind: string): StoredAuditEntry[] {
  return db.all(NOTES, { kind });
}

/** Those that fit, newest first, among the next `AUDIT_SCAN_ROWS`. */
export function filteredAuditEntries(db: Database, filter: AuditFilter): StoredAuditEntry[] {
  const { beforeSequence: before, limit, kind = null, who = null } = filter;
  const { cameraId = null, fromMs = null, toMs = null } = filter;
  const params: SqlParams = { before, limit, kind, who, cameraId, fromMs, toMs };
  return db.all(FILTERED, params);
}

/** All epochs, oldest first: one for each New key and each interruption. */
export function auditEpochs(db: Database): StoredAuditEpoch[] {
  return db.all(EPOCHS);
}

/** The newest entry up to `atMost` that is at least as old as `atMs`. */
export function newestAuditEntryBefore(
  db: Database,
  { atMost, atMs }: { readonly atMost: number; readonly atMs: EpochMs },
): number | undefined {
  return db.get(COUNT_AT, { atMost, atMs });
}

/** Deletes up to `limit` of the oldest before `sequence`; answers how many. */
export function deleteAuditEntriesBefore(db: Database, sequence: number, limit: number): number {
  const { changes } = db.run(DELETE_BEFORE, { sequence, limit });
  db.run(DELETE_EPOCHS, { sequence });
  return changes;
}

function query(sql: string): Query<StoredAuditEntry> {
  return { sql, read: readEntry };
}

function readWith(
  row: Row,
  { details, hash, tag }: Pick<StoredAuditEntry, 'details' | 'hash' | 'tag'>,
): StoredAuditEntry {
  return {
    sequence: row.integer('sequence'),
    atMs: row.instant('at_ms'),
    kind: row.text('kind'),
    userId: row.optionalInteger('user_id'),
    who: row.text('who'),
    cameraId: row.optionalText('camera_id'),
    objectId: row.optionalText('object_id'),
    noteJson: row.optionalText('note_json'),
    details,
    hash,
    tag,
  };
}

function readEntry(row: Row): StoredAuditEntry {
  return readWith(row, {
    details: row.optionalBlob('details'),
    hash: row.blob('hash'),
    tag: row.blob('tag'),
  });
}
