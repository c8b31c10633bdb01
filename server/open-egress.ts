/** The gateway, its ledger and what is said of both. A part of the composition root. */
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { toRfc3339 } from './base/time.ts';
import { KernelLayer, type KernelLayerName, type KernelTry } from './confine/kernel-layer.ts';
import type { Privacy, PrivacyLayer } from './contract/privacy.ts';
import { Gateway, type ConnectionParty, type GatewayCounts } from './egress/gateway.ts';
import { isGuardActive } from './egress/guard-parts.ts';
import { probeKernel } from './egress/kernel-probe.ts';
import {
  EgressLedger,
  type Destination,
  type EgressLog,
  type LedgerStore,
  type RefusedAttempts,
} from './egress/ledger.ts';
import { nameProgram } from './egress/permits.ts';
import { isHomeAddress } from './egress/policy.ts';
import { hearRefusals, refusedTotal, REFUSED_WAYS, type RefusedWho } from './egress/refusals.ts';
import { sentUsElsewhere, triedItself } from './egress/refusal-words.ts';
import { cameraById } from './storage/cameras.ts';
import type { Database } from './storage/database.ts';
import {
  destinationRows,
  refusalRows,
  saveEgressRows,
  type DestinationRow,
  type RefusalRow,
} from './storage/egress-rows.ts';
import { putKernelTry } from './storage/kernel-tries.ts';

/** Tells whether one layer is in force on this box, now. */
export type LayerCheck = () => Promise<PrivacyLayer>;

/** Asked at each report, in the order in which they are shown. */
function layersWith(kernel: KernelLayer): readonly LayerCheck[] {
  return [
    () => Promise.resolve({ name: 'guard', state: isGuardActive() ? 'active' : 'absent' }),
    () => Promise.resolve({ name: 'systemd', state: kernel.stateOf('systemd') }),
    () => Promise.resolve({ name: 'nftables', state: kernel.stateOf('nftables') }),
  ];
}

/** What it needs. */
export interface EgressParts {
  readonly db: Database;
  /** Labels are read from it. */
  readonly clock: Clock;
  readonly log: Log;
  readonly ffmpegPath: string;
  /** Who was to tell the kernel what may leave; undefined for nobody. */
  readonly confinedBy?: KernelLayerName | undefined;
  /** Besides the ledger and the log: the audit record joins here. */
  readonly logs?: readonly EgressLog[];
}

/** See the head of this file. */
export interface Egress {
  readonly gateway: Gateway;
  /** Runs beside the cameras. */
  readonly ledger: EgressLedger;
  /** The ports that this server listens on: no camera can be there. */
  readonly ownPorts: Set<number>;
  /** Runs beside the cameras: tries at the start and each hour what is expected to hold. */
  readonly kernel: KernelLayer;
  report(): Promise<Privacy>;
  /** Tries now whether the kernel lets a packet out. */
  tryKernel(): Promise<void>;
  /** The gateway's, and what the guard refused. */
  counts(): GatewayCounts;
}

/** Opens the one way out; at its end, what is not written is written, and nothing more is heard. */
export function openEgress(parts: EgressParts, closers: { add(close: () => void): void }): Egress {
  const { db, clock, log } = parts;
  const ownPorts = new Set<number>();
  nameProgram('ffmpeg', parts.ffmpegPath);
  const logs = [logLines(log), ...(parts.logs ?? [])];
  const ledger = EgressLedger.open({ clock, store: storeIn(db), logs });
  const stopHearing = hearRefusals((refusal) => {
    ledger.refused(refusal);
  });
  const gateway = new Gateway({ clock, ownPorts: () => ownPorts, log: ledger });
  closers.add(() => {
    stopHearing();
    ledger.write();
  });
  const counts = (): GatewayCounts => ({
    ...gateway.counts,
    refused: gateway.counts.refused + refusedTotal(),
  });
  const kernel = new KernelLayer({
    ...{ clock, expected: parts.confinedBy, probe: () => probeKernel(clock) },
    keep: ({ atMs, v4, v6 }) => {
      putKernelTry(db, { triedMs: atMs, expected: kernel.expected ?? '', v4, v6 });
    },
  });
  const layers = layersWith(kernel);
  return {
    ...{ gateway, ledger, kernel, ownPorts, counts },
    tryKernel: async () => {
      await kernel.tryNow();
    },
    report: async () => ({
      layers: await Promise.all(layers.map((check) => check())),
      kernelTry: shownTry(kernel.last),
      ...recorded(ledger, db),
      counts: counts(),
    }),
  };
}

function shownTry(tried: KernelTry | undefined): Privacy['kernelTry'] {
  if (tried === undefined) return null;
  const { atMs, v4, v6 } = tried;
  return { at: toRfc3339(atMs), v4, v6 };
}

/** One line for the first of the same attempts; the rest are counted in the ledger. */
function logLines(log: Log): EgressLog {
  return {
    onRefused: ({ way, who, to, reason }, { count }) => {
      if (count > 1) return;
      log.warn({ way, to, reason, ...partyOf(who) }, 'refused to leave the box');
    },
  };
}

function recorded(
  ledger: EgressLedger,
  db: Database,
): Pick<Privacy, 'connections' | 'destinations' | 'refused'> {
  const cameraOf = (party: ConnectionParty | RefusedWho): Privacy['refused'][number]['camera'] => {
    const stored = party.kind === 'camera' ? cameraById(db, party.id) : undefined;
    return stored === undefined ? null : { id: stored.id, name: stored.name };
  };
  const placeOf = ({ address, port, party }: Pick<Destination, 'address' | 'port' | 'party'>) => ({
    ...{ address, port, camera: cameraOf(party) },
  });
  return {
    connections: ledger.connections.map((open) => ({
      ...{ ...placeOf(open), since: toRfc3339(open.sinceMs) },
    })),
    destinations: ledger.destinations.map((spoken) => ({
      ...{ ...placeOf(spoken), connections: spoken.connections },
      isAtHome: isHomeAddress(spoken.address),
      ...{ firstAt: toRfc3339(spoken.firstMs), lastAt: toRfc3339(spoken.lastMs) },
    })),
    refused: ledger.refusals.map((attempts) => {
      const { way, who, to, reason, count } = attempts;
      const camera = cameraOf(who);
      const part = who.kind === 'program' ? who.name : null;
      const name = camera?.name ?? 'A camera';
      return {
        ...{ camera, part, way, to, reason, count },
        sentence: part === null ? sentUsElsewhere(name, to) : triedItself(way, part, to),
        ...{ firstAt: toRfc3339(attempts.firstMs), lastAt: toRfc3339(attempts.lastMs) },
      };
    }),
  };
}

/** The ledger's rows as the database keeps them. */
function storeIn(db: Database): LedgerStore {
  return {
    destinations: () =>
      destinationRows(db).map(({ partyKind, partyId, ...row }) => ({
        ...row,
        party: partyKind === 'camera' ? { kind: 'camera', id: partyId } : { kind: 'new-camera' },
      })),
    refusals: () => refusalRows(db).flatMap(attemptsOf),
    save: ({ destinations, refusals, droppedDestinations, droppedRefusals }) => {
      saveEgressRows(db, {
        destinations: destinations.map(destinationRow),
        refusals: refusals.map(refusalRow),
        droppedDestinations: droppedDestinations.map(destinationRow),
        droppedRefusals: droppedRefusals.map(refusalRow),
      });
    },
  };
}

function destinationRow({ party, ...row }: Destination): DestinationRow {
  return { ...row, partyKind: party.kind, partyId: party.kind === 'camera' ? party.id : '' };
}

function refusalRow({ who, to, ...row }: RefusedAttempts): RefusalRow {
  return { ...row, whoKind: who.kind, target: to, who: Object.values(partyOf(who))[0] ?? '' };
}

/** Empty for a way that only another version of the program knows. */
function attemptsOf({ way, whoKind, who, target, ...row }: RefusalRow): RefusedAttempts[] {
  const known = REFUSED_WAYS.find((one) => one === way);
  if (known === undefined) return [];
  const party: RefusedWho =
    whoKind === 'camera'
      ? { kind: 'camera', id: who }
      : whoKind === 'program'
        ? { kind: 'program', name: who }
        : { kind: 'new-camera' };
  return [{ ...row, way: known, to: target, who: party }];
}

function partyOf(who: RefusedWho): Readonly<Record<string, string>> {
  if (who.kind === 'camera') return { camera: who.id };
  return who.kind === 'program' ? { part: who.name } : {};
}
