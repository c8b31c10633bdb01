/** The newest try of what the kernel refuses; what the words mean, server/egress/ and server/confine/ know. */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** See `kernel_try`. */
export interface KernelTryRow {
  readonly triedMs: EpochMs;
  readonly expected: string;
  readonly v4: string;
  readonly v6: string;
}

const NEWEST: Query<KernelTryRow> = {
  sql: 'SELECT tried_ms, expected, v4, v6 FROM kernel_try',
  read: (row) => ({
    ...{ triedMs: row.instant('tried_ms'), expected: row.text('expected') },
    ...{ v4: row.text('v4'), v6: row.text('v6') },
  }),
};
const PUT = `
  INSERT INTO kernel_try (id, tried_ms, expected, v4, v6) VALUES (1, :triedMs, :expected, :v4, :v6)
  ON CONFLICT (id) DO UPDATE SET
    tried_ms = excluded.tried_ms, expected = excluded.expected, v4 = excluded.v4, v6 = excluded.v6`;

/** Undefined where nobody has tried yet. */
export function newestKernelTry(db: Database): KernelTryRow | undefined {
  return db.get(NEWEST, {});
}

/** Takes the place of the one before. */
export function putKernelTry(db: Database, { triedMs, expected, v4, v6 }: KernelTryRow): void {
  db.run(PUT, { triedMs, expected, v4, v6 });
}
