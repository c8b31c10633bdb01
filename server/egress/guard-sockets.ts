/** The guard under node:net and node:dgram, and so under tls, http, https, http2 and fetch, which all
 * connect through `net.Socket`. Listening and accepted sockets are none of its business. */
import dgram from 'node:dgram';
import { Socket } from 'node:net';
import { refuse, replaceFor, type Callable } from './guard-parts.ts';
import { isProbe, takePermit } from './permits.ts';
import { PROBE_ADDRESSES, PROBE_PORT } from './probe-addresses.ts';

/** Everything that sends a datagram, or tells other machines that we listen for some. */
const DATAGRAM_METHODS = [
  ...['bind', 'send', 'sendto', 'connect'],
  ...['addMembership', 'addSourceSpecificMembership'],
];

/** Where the probe sends to, as `datagramTo` has it. */
const PROBED = new Set<string>(
  Object.values(PROBE_ADDRESSES).map((address) => `${address}:${PROBE_PORT}`),
);

/** Where something wants to connect to; a pipe or a socket of the file system has a path. */
interface Destination {
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
}

/** Puts it in place. */
export function guardSockets(): void {
  replaceFor(Socket.prototype, 'connect', guardedConnect);
  for (const name of DATAGRAM_METHODS) {
    replaceFor(dgram.Socket.prototype, name, (own) => guardedDatagram(name, own));
  }
}

function guardedConnect(own: Callable): Callable {
  return function connect(this: unknown, ...args: unknown[]): unknown {
    const { host, port, path } = destinationOf(args);
    const isAnnounced =
      path === undefined &&
      takePermit('connection', (permit) => permit.address === host && permit.port === port);
    if (isAnnounced) return own.apply(this, args);
    const error = refuse(
      'connection',
      path ?? `${host.includes(':') ? `[${host}]` : host}:${port}`,
    );
    // As a connection fails that the network refuses, a turn later: whoever can bear that can bear this.
    const socket = this as { connecting: boolean } & Omit<Socket, 'connecting'>;
    socket.connecting = true;
    process.nextTick(() => socket.destroy(error));
    return this;
  };
}

/** The probe of the kernel alone has datagrams, and for its own addresses alone. */
function guardedDatagram(name: string, own: Callable): Callable {
  return function datagram(this: unknown, ...args: unknown[]): unknown {
    const to = datagramTo(name, args);
    const isProbing = name === 'bind' || (name === 'send' && PROBED.has(to));
    if (isProbe(this) && isProbing) return own.apply(this, args);
    throw refuse('datagram', to);
  };
}

/** As net.Socket.connect reads its arguments: options, a port with a host, a path, or the list of
 * those that `net.connect` has already put in order. */
function destinationOf(args: readonly unknown[]): Destination {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: unknown; port?: unknown; path?: unknown };
    return {
      host: textOr(host, 'localhost'),
      port: Number(port),
      path: path === undefined || path === null ? undefined : textOr(path, '?'),
    };
  }
  const isPath = typeof first === 'string' && Number.isNaN(Number(first));
  return {
    host: textOr(second, 'localhost'),
    port: Number(first),
    path: isPath ? first : undefined,
  };
}

/** The host and the port of a datagram's arguments, as far as they name one. */
function datagramTo(method: string, args: readonly unknown[]): string {
  const host = args.findLast((arg) => typeof arg === 'string');
  const port = args.find((arg) => typeof arg === 'number' && arg > 0);
  return `${textOr(host, method)}:${textOr(port, '?')}`;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}
