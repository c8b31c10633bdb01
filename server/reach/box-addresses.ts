/** The addresses that people open Doorkeep by. Pure. */
import type { BoxNames } from '../certificates/box-names.ts';

/** The port that `https` needs no number for. */
const HTTPS_PORT = 443;

/** What there is to name. */
export interface AddressParts {
  readonly names: BoxNames;
  /** Those of the names that somebody said, so that they lead somewhere. */
  readonly toldNames: readonly string[];
  /** DNS names of the owner's certificate: where there are some, they are what works. */
  readonly ownNames: readonly string[];
  /** Names of the machine that the certificate does not cover. */
  readonly namesOutside: readonly string[];
  readonly port: number;
  /** Listened on alone; undefined for all of the machine's. */
  readonly onlyHost?: string | undefined;
}

/** `https://…`, the one to try first in front. A number before a `.local` name: every phone can open
 * it, and not every phone knows mDNS. */
export function homeAddresses(parts: AddressParts): string[] {
  const { names, toldNames, ownNames, namesOutside, port, onlyHost } = parts;
  if (onlyHost !== undefined) return [httpsAddress(onlyHost, port)];
  const v4 = names.addresses.filter((address) => !address.includes(':'));
  const v6 = names.addresses.filter((address) => address.includes(':'));
  const leads = (name: string): boolean => name.endsWith('.local') || toldNames.includes(name);
  const usable = names.names.filter((name) => leads(name) && !namesOutside.includes(name));
  return [...ownNames, ...v4, ...usable, ...v6].map((host) => httpsAddress(host, port));
}

/** An origin; IPv6 in brackets (RFC 3986 3.2.2), the default port left out. */
export function httpsAddress(host: string, port: number): string {
  return `https://${inUrl(host)}${port === HTTPS_PORT ? '' : `:${String(port)}`}`;
}

/** A host as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
