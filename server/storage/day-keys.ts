/** Rows of day keys, and which days they are of. */
import type { UtcDay } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** A day key as it is stored. */
export interface StoredDayKey {
  readonly day: UtcDay;
  readonly sealedKey: Buffer;
}

const INSERT = 'INSERT INTO day_key (id, day, sealed_key) VALUES (:id, :day, :sealedKey)';
const BY_ID: Query<StoredDayKey> = {
  sql: 'SELECT day, sealed_key FROM day_key WHERE id = :id',
  read: (row) => ({ day: row.integer('day') as UtcDay, sealedKey: row.blob('sealed_key') }),
};
const DELETE_DAY = 'DELETE FROM day_key WHERE day = :day';
const DAYS: Query<UtcDay> = {
  sql: 'SELECT DISTINCT day FROM day_key ORDER BY day',
  read: (row) => row.integer('day') as UtcDay,
};

/** A key is durable before anything that is sealed with it. */
export function insertDayKey(db: Database, id: Buffer, { day, sealedKey }: StoredDayKey): void {
  db.run(INSERT, { id, day, sealedKey });
}

/** Undefined: it never was, or its day was forgotten. */
export function dayKeyOf(db: Database, id: Buffer): StoredDayKey | undefined {
  return db.get(BY_ID, { id });
}

/** The days that have keys, oldest first: one step of the index for each key, and retention bounds
 * both. */
export function daysWithKeys(db: Database): UtcDay[] {
  return db.all(DAYS);
}

/** forget 1: deletes a day's keys. What is sealed under them opens for nobody from then on. */
export function deleteDayKeys(db: Database, day: UtcDay): void {
  db.run(DELETE_DAY, { day });
}
