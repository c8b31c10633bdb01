/** When the box's clock was last known to be right: carries trust over a restart of the server. */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';
import { camerasWithFootage, lastRecordedMs } from './segments.ts';
import { lastCertainMs } from './settle-times.ts';

/** Who vouched for the clock. */
export type ClockSource = 'network' | 'person';

/** A moment of a boot, and the true time then. */
export interface TrustedMoment {
  readonly bootId: string;
  readonly uptimeMs: number;
  readonly trueMs: EpochMs;
  readonly source: ClockSource;
}

const GET: Query<TrustedMoment> = {
  sql: 'SELECT boot_id, uptime_ms, true_ms, source FROM box_clock WHERE id = 1',
  read: (row) => ({
    bootId: row.text('boot_id'),
    uptimeMs: row.integer('uptime_ms'),
    trueMs: row.instant('true_ms'),
    source: row.text('source') === 'network' ? 'network' : 'person',
  }),
};
const SET = `
  INSERT INTO box_clock (id, boot_id, uptime_ms, true_ms, source)
  VALUES (1, :bootId, :uptimeMs, :trueMs, :source)
  ON CONFLICT (id) DO UPDATE SET boot_id = excluded.boot_id, uptime_ms = excluded.uptime_ms,
    true_ms = excluded.true_ms, source = excluded.source`;

/** The newest trusted moment; undefined when there never was one. */
export function trustedMoment(db: Database): TrustedMoment | undefined {
  return db.get(GET);
}

/** Replaces the one before it. */
export function keepTrustedMoment(db: Database, moment: TrustedMoment): void {
  const { uptimeMs, trueMs } = moment;
  db.run(SET, { ...moment, uptimeMs: Math.round(uptimeMs), trueMs: Math.round(trueMs) });
}

/** Where the newest footage of all cameras ends, and the newest certain; -Infinity without any. */
export function newestFootage(db: Database): { endMs: number; certainMs: number } {
  const cameras = camerasWithFootage(db);
  const newest = (of: (db: Database, cameraId: string) => EpochMs | undefined): number =>
    Math.max(-Infinity, ...cameras.map((cameraId) => of(db, cameraId) ?? -Infinity));
  return { endMs: newest(lastRecordedMs), certainMs: newest(lastCertainMs) };
}
