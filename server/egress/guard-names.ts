/** The guard under node:dns: no name is looked up but the one that a person just typed. */
import dns from 'node:dns';
import { isIP } from 'node:net';
import { refuse, replaceFor, type Callable } from './guard-parts.ts';
import { takePermit } from './permits.ts';

/** Of `dns`, `dns.promises` and both classes `Resolver`; not every Node.js has all of them. */
const QUERIES = [
  ...['resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCaa', 'resolveCname', 'resolveMx'],
  ...['resolveNaptr', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv', 'resolveTlsa'],
  ...['resolveTxt', 'reverse'],
];

/** How a refusal is told: to a callback, or as a promise. */
type Tell = (error: Error, args: readonly unknown[]) => unknown;

/** Puts it in place. */
export function guardNames(): void {
  const asked: readonly (readonly [object, Tell])[] = [
    [dns, tellCallback],
    [dns.Resolver.prototype, tellCallback],
    [dns.promises, tellPromise],
    [dns.promises.Resolver.prototype, tellPromise],
  ];
  for (const [owner, tell] of asked) {
    for (const name of QUERIES.filter((query) => query in owner)) {
      replaceFor(owner, name, () => refusing(tell));
    }
  }
  for (const [owner, tell] of [
    [dns, tellCallback],
    [dns.promises, tellPromise],
  ] as const) {
    replaceFor(owner, 'lookup', (own) => guardedLookup(own, tell));
    // Both ways: the name of an address is asked of a server too.
    replaceFor(owner, 'lookupService', () => refusing(tell));
  }
}

/** A literal asks nobody: `server.listen('127.0.0.1')` passes here. */
function guardedLookup(own: Callable, tell: Tell): Callable {
  return function lookup(this: unknown, ...args: unknown[]): unknown {
    const [host] = args;
    const isLiteral = host === undefined || (typeof host === 'string' && isIP(host) !== 0);
    const isAnnounced = isLiteral || takePermit('look-up', ({ name }) => name === host);
    return isAnnounced ? own.apply(this, args) : tell(refuse('look-up', nameIn(args)), args);
  };
}

function refusing(tell: Tell): Callable {
  return (...args) => tell(refuse('look-up', nameIn(args)), args);
}

function nameIn([name]: readonly unknown[]): string {
  return typeof name === 'string' ? name : '?';
}

function tellCallback(error: Error, args: readonly unknown[]): undefined {
  const callback = args.at(-1);
  if (typeof callback !== 'function') throw error;
  process.nextTick(callback, error);
}

function tellPromise(error: Error): Promise<never> {
  return Promise.reject(error);
}
