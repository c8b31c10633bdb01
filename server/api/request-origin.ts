/**
 * Where a request may come from. Three walls, none of which needs the other two: the source address
 * is at home; Host names this box (a foreign name that was re-pointed at it does not, which is DNS
 * rebinding); and a browser may change something, or open a WebSocket, from our own pages only.
 * docs/design/auth.md says why a missing Origin is let through.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../base/errors.ts';
import { NetworksIn } from '../egress/networks-in.ts';

/** The names of this box, in lower case and without a trailing dot. They change while it runs. */
export interface HostNames {
  has(name: string): boolean;
}

/** Networks that may come in: both as the source of a request and as a literal in Host. */
export interface ComingIn {
  has(address: string | undefined): boolean;
}

/** What is known of a request before its body. */
export interface RequestSource {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether this connection is TLS; never from a header. */
  readonly secure: boolean;
  readonly remoteAddress: string | undefined;
}

/** `name`, `1.2.3.4` or `[::1]`, and a port. */
const HOST = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/?#@\s\\]+)(?::(\d{1,5}))?$/;

/** Sec-Fetch-Site of a request that our page made, or a person by hand (Fetch Metadata 2.3). */
const OWN_SITES = new Set(['same-origin', 'none']);

/** The home and nothing else. */
const HOME = new NetworksIn();

/** Throws a `forbidden` AppError for a request that must not be answered. */
export function checkRequestOrigin(
  source: RequestSource,
  hostNames: HostNames,
  networks: ComingIn = HOME,
): void {
  if (!networks.has(source.remoteAddress)) {
    throw new AppError('forbidden', 'Doorkeep answers inside the home network only.', {
      reason: 'foreign-address',
      hint: 'Connect from the home network.',
    });
  }
  const ownOrigin = originOfHost(source, hostNames, networks);
  const site = header(source.headers['sec-fetch-site']);
  const foreign = site !== undefined && !OWN_SITES.has(site);
  if (changesSomething(source)) {
    // A browser always says Origin on such a request (Fetch 3.1; RFC 6455 4.1).
    const origin = header(source.headers.origin);
    if (foreign || (origin !== undefined && origin !== ownOrigin)) throw foreignPage();
  } else if (foreign && header(source.headers['sec-fetch-mode']) !== 'navigate') {
    // Another site embeds a picture of ours (ASVS 3.5.8). Following a link to us is fine: it comes
    // without the cookie, which is SameSite=Strict.
    throw foreignPage();
  }
}

/** The value of a Host field, port included, when it names this box; undefined for any other. */
export function ownHost(
  host: string | undefined,
  hostNames: HostNames,
  networks: ComingIn = HOME,
): string | undefined {
  const name = HOST.exec(host ?? '')?.[1]
    ?.toLowerCase()
    .replace(/\.$/, '');
  return name !== undefined && isOwnName(name, hostNames, networks) ? host : undefined;
}

/** Everything but reading; and an upgrade, which is a GET but opens a channel in both directions. */
function changesSomething({ method, headers }: RequestSource): boolean {
  return (method !== 'GET' && method !== 'HEAD') || headers.upgrade !== undefined;
}

/** The origin that Host stands for (RFC 6454 section 4), default port left out. */
function originOfHost(source: RequestSource, hostNames: HostNames, networks: ComingIn): string {
  const host = ownHost(header(source.headers.host), hostNames, networks);
  const origin = `${source.secure ? 'https' : 'http'}://${host ?? ''}`;
  if (host === undefined || !URL.canParse(origin)) {
    throw new AppError('forbidden', 'This address does not belong to this box.', {
      reason: 'foreign-host',
      hint: 'Open Doorkeep by its address in the home network, or by the name of its machine.',
    });
  }
  return new URL(origin).origin;
}

function isOwnName(name: string, hostNames: HostNames, networks: ComingIn): boolean {
  // A literal cannot be re-pointed. `localhost` never leaves the machine (RFC 6761 6.3).
  return name === 'localhost' || hostNames.has(name) || networks.has(name.replace(/^\[|\]$/g, ''));
}

/** Node joins or drops repeats of these headers, so a value is one string; anything else is none. */
function header(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function foreignPage(): AppError {
  return new AppError('forbidden', 'This request comes from a page that is not Doorkeep’s.', {
    reason: 'foreign-origin',
    hint: 'Open Doorkeep itself and do it there.',
  });
}
