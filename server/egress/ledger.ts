/**
 * Whom this box spoke to, and what tried to send it elsewhere: in memory, and some seconds later in
 * the store. Bounded by what it counts together, not by how often it happens.
 */
import type { Clock } from '../base/clock.ts';
import type { EpochMs } from '../base/time.ts';
import type { ConnectionParty, GatewayLog } from './gateway.ts';
import type { Refusal } from './refusals.ts';

/** One place that was spoken to, for one party. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  readonly party: ConnectionParty;
  readonly firstMs: EpochMs;
  /** When it was connected to last, or was still connected. */
  readonly lastMs: EpochMs;
  readonly connections: number;
}

/** Attempts of one party in one way at one place. */
export interface RefusedAttempts extends Refusal {
  readonly firstMs: EpochMs;
  readonly lastMs: EpochMs;
  readonly count: number;
}

/** Where the ledger is kept; `storage/egress-rows.ts` is one. */
export interface LedgerStore {
  destinations(): readonly Destination[];
  refusals(): readonly RefusedAttempts[];
  /** Replaces what is there under the same keys, in one transaction. */
  save(changes: LedgerChanges): void;
}

/** What has changed since the last time. */
export interface LedgerChanges {
  readonly destinations: readonly Destination[];
  readonly refusals: readonly RefusedAttempts[];
  readonly droppedDestinations: readonly Destination[];
  readonly droppedRefusals: readonly RefusedAttempts[];
}

/** Whoever keeps a record of refusals besides: the audit record, the log. Told of every one, in the
 * middle of what was refused: it returns at once and does not throw. */
export interface EgressLog {
  onRefused(refusal: Refusal, attempts: RefusedAttempts): void;
}

/** A connection that is open now. */
export interface OpenConnection {
  readonly address: string;
  readonly port: number;
  readonly party: ConnectionParty;
  readonly sinceMs: EpochMs;
}

/** Rows of each kind: a camera that names a new place each second fills it in a quarter of an hour,
 * and then its oldest ones go. */
export const LEDGER_ROWS_MAX = 1_000;

/** One commit for everything of so long: a camera that comes and goes costs no more than one that
 * stays. A power cut costs what was not written. */
const WRITE_EVERY_MS = 5_000;

/** Destinations that stay connected are noted as spoken to so often. */
const STILL_OPEN_EVERY_MS = 300_000;

/** Beyond it a number no longer counts exactly, in JavaScript and in JSON. */
const COUNT_MAX = Number.MAX_SAFE_INTEGER;

/** What a ledger is made of. */
export interface LedgerParts {
  readonly clock: Clock;
  readonly store: LedgerStore;
  readonly logs: readonly EgressLog[];
}

/** Rows by their key, the one that changed last at the end. */
class Rows<T> {
  readonly all = new Map<string, T>();
  readonly changed = new Map<string, T>();
  readonly dropped = new Map<string, T>();

  get(key: string): T | undefined {
    return this.all.get(key);
  }

  put(key: string, row: T): void {
    this.all.delete(key);
    this.all.set(key, row);
    this.changed.set(key, row);
    this.dropped.delete(key);
    for (const [oldest, old] of this.all) {
      if (this.all.size <= LEDGER_ROWS_MAX) break;
      this.all.delete(oldest);
      this.changed.delete(oldest);
      this.dropped.set(oldest, old);
    }
  }

  /** Rows of the store, in the order in which they last changed. */
  load(rows: readonly T[], keyOf: (row: T) => string): void {
    for (const row of rows) this.all.set(keyOf(row), row);
  }

  clean(): void {
    this.changed.clear();
    this.dropped.clear();
  }
}

/** See the head of this file. */
export class EgressLedger implements GatewayLog {
  readonly #parts: LedgerParts;
  readonly #destinations = new Rows<Destination>();
  readonly #refusals = new Rows<RefusedAttempts>();
  readonly #open = new Set<OpenConnection>();

  private constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** With what the store has. */
  static open(parts: LedgerParts): EgressLedger {
    const ledger = new EgressLedger(parts);
    const byLast = (a: { lastMs: number }, b: { lastMs: number }): number => a.lastMs - b.lastMs;
    ledger.#destinations.load([...parts.store.destinations()].sort(byLast), destinationKey);
    ledger.#refusals.load([...parts.store.refusals()].sort(byLast), refusalKey);
    return ledger;
  }

  /** Those that are open now, the oldest first. */
  get connections(): readonly OpenConnection[] {
    return [...this.#open];
  }

  /** Spoken to last first. */
  get destinations(): readonly Destination[] {
    return [...this.#destinations.all.values()].reverse();
  }

  /** Tried last first. */
  get refusals(): readonly RefusedAttempts[] {
    return [...this.#refusals.all.values()].reverse();
  }

  connected(party: ConnectionParty, address: string, port: number): () => void {
    const sinceMs = this.#parts.clock.wallMs();
    const open: OpenConnection = { address, port, party, sinceMs };
    this.#open.add(open);
    this.#spoke(open, 1);
    return () => {
      if (this.#open.delete(open)) this.#spoke(open, 0);
    };
  }

  refused(refusal: Refusal): void {
    const key = refusalKey(refusal);
    const before = this.#refusals.get(key);
    const nowMs = this.#parts.clock.wallMs();
    const attempts: RefusedAttempts = {
      ...refusal,
      firstMs: before?.firstMs ?? nowMs,
      lastMs: nowMs,
      count: Math.min(COUNT_MAX, (before?.count ?? 0) + 1),
    };
    this.#refusals.put(key, attempts);
    for (const log of this.#parts.logs) log.onRefused(refusal, attempts);
  }

  /** Writes what has changed from time to time, and at the end. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let notedMs = clock.monotonicMs();
    while (!signal.aborted) {
      await clock.sleep(WRITE_EVERY_MS, signal).catch(() => undefined);
      if (clock.monotonicMs() - notedMs >= STILL_OPEN_EVERY_MS) {
        notedMs = clock.monotonicMs();
        for (const open of this.#open) this.#spoke(open, 0);
      }
      this.write();
    }
  }

  /** Writes what has changed. */
  write(): void {
    const [destinations, refusals] = [this.#destinations, this.#refusals];
    const changes: LedgerChanges = {
      destinations: [...destinations.changed.values()],
      refusals: [...refusals.changed.values()],
      droppedDestinations: [...destinations.dropped.values()],
      droppedRefusals: [...refusals.dropped.values()],
    };
    if (Object.values(changes).every((rows: readonly unknown[]) => rows.length === 0)) return;
    this.#parts.store.save(changes);
    destinations.clean();
    refusals.clean();
  }

  #spoke({ address, port, party }: OpenConnection, times: number): void {
    const nowMs = this.#parts.clock.wallMs();
    const key = destinationKey({ address, port, party });
    const before = this.#destinations.get(key);
    this.#destinations.put(key, {
      ...{ address, port, party },
      firstMs: before?.firstMs ?? nowMs,
      lastMs: nowMs,
      connections: Math.min(COUNT_MAX, (before?.connections ?? 0) + times),
    });
  }
}

/** What is counted together. */
function destinationKey({
  address,
  port,
  party,
}: Pick<Destination, 'address' | 'port' | 'party'>): string {
  return JSON.stringify([address, port, party.kind, 'id' in party ? party.id : '']);
}

/** What is counted together. */
function refusalKey({ way, who, to }: Refusal): string {
  const name = who.kind === 'camera' ? who.id : who.kind === 'program' ? who.name : '';
  return JSON.stringify([way, who.kind, name, to]);
}
