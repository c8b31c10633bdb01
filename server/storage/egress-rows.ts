/** Rows of the egress ledger: whom the box spoke to, and what it refused. Who a party is, is text
 * here; server/egress/ knows what it means. */
import type { EpochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** See `egress_destination`. */
export interface DestinationRow {
  readonly address: string;
  readonly port: number;
  readonly partyKind: string;
  readonly partyId: string;
  readonly firstMs: EpochMs;
  readonly lastMs: EpochMs;
  readonly connections: number;
}

/** See `egress_refusal`. */
export interface RefusalRow {
  readonly way: string;
  readonly whoKind: string;
  readonly who: string;
  readonly target: string;
  readonly reason: string;
  readonly firstMs: EpochMs;
  readonly lastMs: EpochMs;
  readonly count: number;
}

const DESTINATIONS: Query<DestinationRow> = {
  sql: `SELECT address, port, party_kind, party_id, first_ms, last_ms, connections
        FROM egress_destination`,
  read: (row) => ({
    ...{ address: row.text('address'), port: row.integer('port') },
    ...{ partyKind: row.text('party_kind'), partyId: row.text('party_id') },
    ...{ firstMs: row.instant('first_ms'), lastMs: row.instant('last_ms') },
    connections: row.integer('connections'),
  }),
};
const PUT_DESTINATION = `
  INSERT INTO egress_destination
    (address, port, party_kind, party_id, first_ms, last_ms, connections)
  VALUES (:address, :port, :partyKind, :partyId, :firstMs, :lastMs, :connections)
  ON CONFLICT DO UPDATE SET
    first_ms = excluded.first_ms, last_ms = excluded.last_ms, connections = excluded.connections`;
const DROP_DESTINATION = `
  DELETE FROM egress_destination
  WHERE address = :address AND port = :port AND party_kind = :partyKind AND party_id = :partyId`;
const REFUSALS: Query<RefusalRow> = {
  sql: `SELECT way, who_kind, who, target, reason, first_ms, last_ms, attempts FROM egress_refusal`,
  read: (row) => ({
    ...{ way: row.text('way'), whoKind: row.text('who_kind'), who: row.text('who') },
    ...{ target: row.text('target'), reason: row.text('reason') },
    ...{ firstMs: row.instant('first_ms'), lastMs: row.instant('last_ms') },
    count: row.integer('attempts'),
  }),
};
const PUT_REFUSAL = `
  INSERT INTO egress_refusal (way, who_kind, who, target, reason, first_ms, last_ms, attempts)
  VALUES (:way, :whoKind, :who, :target, :reason, :firstMs, :lastMs, :count)
  ON CONFLICT DO UPDATE SET reason = excluded.reason,
    first_ms = excluded.first_ms, last_ms = excluded.last_ms, attempts = excluded.attempts`;
const DROP_REFUSAL = `
  DELETE FROM egress_refusal
  WHERE way = :way AND who_kind = :whoKind AND who = :who AND target = :target`;

/** All of them, in no order. */
export function destinationRows(db: Database): DestinationRow[] {
  return db.all(DESTINATIONS);
}

/** All of them, in no order. */
export function refusalRows(db: Database): RefusalRow[] {
  return db.all(REFUSALS);
}

/** In one transaction. */
export function saveEgressRows(
  db: Database,
  changes: {
    readonly destinations: readonly DestinationRow[];
    readonly refusals: readonly RefusalRow[];
    readonly droppedDestinations: readonly DestinationRow[];
    readonly droppedRefusals: readonly RefusalRow[];
  },
): void {
  db.transaction(() => {
    for (const { address, port, partyKind, partyId } of changes.droppedDestinations) {
      db.run(DROP_DESTINATION, { address, port, partyKind, partyId });
    }
    for (const { way, whoKind, who, target } of changes.droppedRefusals) {
      db.run(DROP_REFUSAL, { way, whoKind, who, target });
    }
    for (const row of changes.destinations) db.run(PUT_DESTINATION, { ...row });
    for (const row of changes.refusals) db.run(PUT_REFUSAL, { ...row });
  });
}
