/** How long each camera's footage stays, as the household set it. */
import { AppError } from '../base/errors.ts';
import type { KeepLimits } from '../contract/storage.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** Nothing set: as long as there is room. */
export const NO_LIMITS: KeepLimits = { days: null, bytes: null };

const LIMITED: Query<readonly [string, KeepLimits]> = {
  sql: `SELECT id, keep_days, keep_bytes FROM camera
        WHERE removed_ms IS NULL AND (keep_days IS NOT NULL OR keep_bytes IS NOT NULL)`,
  read: (row) => [
    row.text('id'),
    {
      days: row.optionalInteger('keep_days') ?? null,
      bytes: row.optionalInteger('keep_bytes') ?? null,
    },
  ],
};
const SET = `
  UPDATE camera SET keep_days = :days, keep_bytes = :bytes
  WHERE id = :cameraId AND removed_ms IS NULL`;

/** The cameras that have a limit. */
export function keepLimits(db: Database): ReadonlyMap<string, KeepLimits> {
  return new Map(db.all(LIMITED));
}

/** Sets both limits of a camera; `not-found`. */
export function setKeepLimits(db: Database, cameraId: string, { days, bytes }: KeepLimits): void {
  if (db.run(SET, { cameraId, days, bytes }).changes === 0) {
    throw new AppError('not-found', 'There is no such camera.', {
      hint: 'It may have been removed. Look at the list of cameras.',
    });
  }
}
