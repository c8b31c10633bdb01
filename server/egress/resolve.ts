/** A typed host name becomes one pinned address, once, in front of the person who typed it (G1). */
import { getServers, lookup as dnsLookup } from 'node:dns/promises';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled } from '../base/errors.ts';
import { withPermit } from './permits.ts';
import { hostOf } from './refusal-words.ts';
import { checkCameraAddress, classifyAddress, looksNumeric } from './policy.ts';

/** All addresses of a name, in the order in which the system would try them. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/** The system's resolver: hosts file, mDNS where the system has it, DNS. */
export const systemLookup: Lookup = async (host) => {
  checkResolvers(getServers());
  return withPermit({ kind: 'look-up', name: host }, () =>
    dnsLookup(host, { all: true, verbatim: true }),
  );
};

/** Throws when the system would ask somebody on the Internet for a name: what a person calls a camera
 * is nobody's business there. `servers` as `dns.getServers` has them. */
export function checkResolvers(servers: readonly string[]): void {
  const outside = servers.map(hostOf).find((server) => classifyAddress(server) === 'public');
  if (outside === undefined) return;
  throw new AppError('unprocessable', `This box asks ${outside} for names, outside your home.`, {
    reason: 'public-resolver',
    hint: 'Enter the camera’s address in numbers, like 192.168.1.20.',
  });
}

/** A home router answers in milliseconds; a resolver that is away takes 5 s to be sure of it, and
 * the whole answer to the person is due within 15 s. */
export const LOOKUP_TIMEOUT_MS = 4_000;

/** More answers than this is no camera. */
const ADDRESSES_MAX = 16;

/** What `resolveCameraHost` needs besides the name. */
export interface ResolveOptions {
  port: number;
  ownPorts: ReadonlySet<number>;
  lookup: Lookup;
  clock: Clock;
  signal?: AbortSignal;
}

/**
 * The literal address to pin for `host`, which is a name or a literal without brackets. Every answer
 * must be allowed, because a name that points home and elsewhere could be made to point elsewhere.
 * Throws `unprocessable` (`unknown-host`, `public-resolver`, `bad-address`, `public-address`, `reserved-address`,
 * `own-port`) or `cancelled`.
 */
export async function resolveCameraHost(host: string, options: ResolveOptions): Promise<string> {
  const literal = classifyAddress(host) !== undefined || host.includes(':') || looksNumeric(host);
  if (literal) {
    checkCameraAddress(host, options.port, options.ownPorts);
    return host;
  }
  const answers = await lookUpInTime(host, options);
  const first = answers[0];
  if (first === undefined || answers.length > ADDRESSES_MAX) throw unknownHost(host, undefined);
  for (const { address } of answers) checkCameraAddress(address, options.port, options.ownPorts);
  return first.address;
}

async function lookUpInTime(
  host: string,
  { lookup, clock, signal }: ResolveOptions,
): Promise<readonly { readonly address: string }[]> {
  const done = new AbortController();
  const lifetime = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  const tooLate = clock.sleep(LOOKUP_TIMEOUT_MS, lifetime).then(
    () => {
      throw unknownHost(host, undefined);
    },
    (thrown: unknown) => {
      // Only the caller's own signal matters; ours ends the timer of a race that is over.
      if (signal?.aborted === true) throw cancelled(signal);
      throw thrown;
    },
  );
  try {
    return await Promise.race([
      lookup(host).catch((cause: unknown) => {
        throw cause instanceof AppError ? cause : unknownHost(host, cause);
      }),
      tooLate,
    ]);
  } finally {
    done.abort();
  }
}

function unknownHost(host: string, cause: unknown): AppError {
  return new AppError('unprocessable', `Nothing on your network answers to the name “${host}”.`, {
    cause,
    reason: 'unknown-host',
    hint: 'Check the spelling, or enter the camera’s address in numbers, like 192.168.1.20.',
  });
}
