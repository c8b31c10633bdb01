/** Backups that people took, as rows: listed with their dates, because nothing can call them back. */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** One of them. */
export interface TakenBackup {
  readonly id: string;
  readonly takenMs: EpochMs;
  /** Null when it was taken at the command line. */
  readonly takenBy: string | null;
  /** Of the sealed file. */
  readonly sizeBytes: number;
  /** The sheet of the household's key with this number opens it. */
  readonly keyGeneration: number;
}

/** A backup each week for two years; older ones are still in the table. */
const LIST_LIMIT = 100;

// The row may be there already: who restores the newest backup twice has it once.
const INSERT = `
  INSERT INTO backup_taken (id, taken_ms, taken_by, size_bytes, key_generation)
  VALUES (:id, :takenMs, :takenBy, :sizeBytes, :keyGeneration)
  ON CONFLICT (id) DO NOTHING`;
const NEWEST: Query<TakenBackup> = {
  sql: `SELECT id, taken_ms, taken_by, size_bytes, key_generation FROM backup_taken
        ORDER BY taken_ms DESC LIMIT ${String(LIST_LIMIT)}`,
  read: (row) => ({
    id: row.text('id'),
    takenMs: row.instant('taken_ms'),
    takenBy: row.optionalText('taken_by') ?? null,
    sizeBytes: row.integer('size_bytes'),
    keyGeneration: row.integer('key_generation'),
  }),
};

/** Notes one. */
export function insertTakenBackup(db: Database, backup: TakenBackup): void {
  db.run(INSERT, { ...backup });
}

/** Newest first. */
export function takenBackups(db: Database): TakenBackup[] {
  return db.all(NEWEST);
}
