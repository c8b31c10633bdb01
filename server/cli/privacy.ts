/**
 * `privacy report`: whom the box spoke to, what it refused, and which layers hold. It reads beside a running server
 * and tries, in front of the person, two connections that must fail: one the guard stops, one the kernel.
 */
import { toRfc3339 } from '../base/time.ts';
import { AppError } from '../base/errors.ts';
import { verdictOf } from '../confine/kernel-layer.ts';
import { probeGuard } from '../egress/guard-probe.ts';
import { PROBE_ANSWERS, type ProbeAnswers, probeKernel } from '../egress/kernel-probe.ts';
import { PROBE_ADDRESSES } from '../egress/probe-addresses.ts';
import { sentUsElsewhere, triedItself } from '../egress/refusal-words.ts';
import { REFUSED_WAYS } from '../egress/refusals.ts';
import { listCameras } from '../storage/cameras.ts';
import { findDataFolder } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import {
  type DestinationRow,
  destinationRows,
  type RefusalRow,
  refusalRows,
} from '../storage/egress-rows.ts';
import { type KernelTryRow, newestKernelTry } from '../storage/kernel-tries.ts';
import {
  EXIT_FINE,
  EXIT_FOUND,
  type ExitStatus,
  parseStrictly,
  type Surroundings,
} from './command.ts';

/** How it is called. */
export const PRIVACY_USAGE = 'Use: privacy report [--json]';

/** What there is to say. */
interface Seen {
  readonly destinations: readonly DestinationRow[];
  readonly refusals: readonly RefusalRow[];
  /** The running server's own, the newest. */
  readonly serverTry: KernelTryRow | undefined;
  /** Of camera ids. */
  readonly names: ReadonlyMap<string, string>;
  readonly guard: 'refused' | 'left';
  /** Tried from this terminal. */
  readonly kernel: ProbeAnswers;
}

/** See the head of this file. */
export async function privacy(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  const { values, positionals } = parseStrictly(args, { json: { type: 'boolean' } }, PRIVACY_USAGE);
  if (positionals.length !== 1 || positionals[0] !== 'report') {
    throw new AppError('invalid', 'Say what is wanted of it.', { hint: PRIVACY_USAGE });
  }
  const { databasePath } = await findDataFolder(around.dataPath);
  const kept = readKept(databasePath);
  const { clock } = around;
  const seen: Seen = {
    ...kept,
    ...{ guard: await probeGuard(clock), kernel: await probeKernel(clock) },
  };
  if (values.json === true) around.print(JSON.stringify(json(seen)));
  else for (const line of lines(seen)) around.print(line);
  return holds(seen) ? EXIT_FINE : EXIT_FOUND;
}

function readKept(databasePath: string): Omit<Seen, 'guard' | 'kernel'> {
  const db = Database.openReadOnly(databasePath);
  try {
    return {
      destinations: destinationRows(db).sort((a, b) => b.lastMs - a.lastMs),
      refusals: refusalRows(db).sort((a, b) => b.lastMs - a.lastMs),
      serverTry: newestKernelTry(db),
      names: new Map(listCameras(db).map(({ id, name }) => [id, name])),
    };
  } finally {
    db.close();
  }
}

/** The guard, and the kernel where it was told. What was refused in the past held. */
function holds({ guard, serverTry }: Seen): boolean {
  const isBroken = serverTry !== undefined && serverTry.expected !== '' && left(serverTry);
  return guard === 'refused' && !isBroken;
}

function left({ v4, v6 }: KernelTryRow): boolean {
  return v4 === 'left' || v6 === 'left';
}

function lines(seen: Seen): string[] {
  return [
    ...['Spoken to', ...section(seen.destinations.map((one) => destinationLine(one, seen)))],
    ...['', 'Refused', ...section(seen.refusals.map((one) => refusalLine(one, seen)))],
    ...['', 'What keeps it so'],
    ...section([guardLine(seen), serverLine(seen), ...terminalLines(seen)]),
  ];
}

function section(all: readonly string[]): string[] {
  return (all.length === 0 ? ['nothing'] : all).map((line) => `  ${line}`);
}

function destinationLine(row: DestinationRow, { names }: Seen): string {
  const who = names.get(row.partyId) ?? 'a camera that is not there any more, or was tried';
  const host = row.address.includes(':') ? `[${row.address}]` : row.address;
  const times = row.connections === 1 ? 'once' : `${row.connections} times`;
  return `${host}:${row.port}  ${who}, ${times}, last ${toRfc3339(row.lastMs)}`;
}

function refusalLine(row: RefusalRow, { names }: Seen): string {
  const way = REFUSED_WAYS.find((one) => one === row.way) ?? 'connection';
  const said =
    row.whoKind === 'program'
      ? triedItself(way, row.who, row.target)
      : sentUsElsewhere(names.get(row.who) ?? 'A camera', row.target);
  return `${said} (${row.count}, last ${toRfc3339(row.lastMs)})`;
}

function guardLine({ guard }: Seen): string {
  const tried = `Guard: tried to connect to ${PROBE_ADDRESSES.v4}`;
  return guard === 'refused'
    ? `${tried}; stopped inside the program.`
    : `${tried}; NOTHING STOPPED IT. This program is not the one that was released.`;
}

function serverLine({ serverTry }: Seen): string {
  if (serverTry === undefined) {
    return 'Kernel: the running Doorkeep has not tried. See docs/design/confinement.md for how to switch it on.';
  }
  const { triedMs, expected, v4, v6 } = serverTry;
  const by = expected === '' ? 'nobody told it' : `told by ${expected}`;
  const verdict = left(serverTry) ? 'A PACKET LEFT' : 'no packet left';
  return `Kernel (${by}): tried by the running Doorkeep at ${toRfc3339(triedMs)}: ${verdict} (IPv4 ${v4}, IPv6 ${v6}).`;
}

function terminalLines({ kernel }: Seen): string[] {
  const { v4, v6 } = kernel;
  const tried = `Kernel, from this terminal, now: ${PROBE_ADDRESSES.v4} ${v4}, ${PROBE_ADDRESSES.v6} ${v6}.`;
  if (verdictOf(kernel) !== 'left') return [tried];
  return [
    tried,
    'That is this terminal, which is not confined; the server may be (the line above).',
  ];
}

function json({ guard, kernel, serverTry, ...seen }: Seen): object {
  const known = (answer: string): string | null =>
    PROBE_ANSWERS.find((one) => one === answer) ?? null;
  return {
    destinations: seen.destinations.map(({ firstMs, lastMs, ...row }) => ({
      ...row,
      ...{ firstAt: toRfc3339(firstMs), lastAt: toRfc3339(lastMs) },
    })),
    refused: seen.refusals.map(({ firstMs, lastMs, ...row }) => ({
      ...row,
      ...{ firstAt: toRfc3339(firstMs), lastAt: toRfc3339(lastMs) },
    })),
    guard,
    kernelFromHere: kernel,
    kernelFromServer:
      serverTry === undefined
        ? null
        : {
            ...{ at: toRfc3339(serverTry.triedMs), expected: serverTry.expected },
            ...{ v4: known(serverTry.v4), v6: known(serverTry.v6) },
          },
  };
}
