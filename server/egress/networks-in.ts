/**
 * Networks that may come in beside the home: a VPN's range, by hand. What is added here is what
 * confine/home-networks.ts puts into the kernel's list beside the home. Pure.
 */
import { BlockList, isIPv4 } from 'node:net';
import { AppError } from '../base/errors.ts';
import {
  addressOf,
  contains,
  formatRange,
  type NetworkRange,
  parseRange,
} from './network-ranges.ts';
import { classifyAddress } from './policy.ts';

/** More VPNs than a household has. */
export const ADDED_NETWORKS_MAX = 8;

/** Shared address space (RFC 6598): where VPNs have their IPv4 addresses. */
const SHARED = parseRange('100.64.0.0/10');
/** Global unicast (RFC 4291 2.4): what a provider gives a home, and some VPNs, is /48 at most. */
const GLOBAL = parseRange('2000::/3');
const GLOBAL_PREFIX_MIN = 48;

/** Reads what an owner typed. `unprocessable` for what is none, and for ranges of the Internet: a shared
 * IPv4 range (100.64.0.0/10), or a part of one, and global IPv6 ranges of /48 and smaller are taken. */
export function parseNetwork(typed: string): NetworkRange {
  const range = parseRange(typed.trim().toLowerCase(), { withPrefix: true });
  // 6to4, Teredo and NAT64 are IPv4 in disguise (policy.ts): never at home.
  const isHomeV6 =
    contains(GLOBAL, range) &&
    range.prefix >= GLOBAL_PREFIX_MIN &&
    classifyAddress(addressOf(range)) === 'public';
  if (!contains(SHARED, range) && !isHomeV6) {
    throw new AppError('unprocessable', 'This range is at home already, or of the Internet.', {
      reason: 'foreign-network',
      hint: 'A VPN has addresses from 100.64.0.0/10, or an IPv6 range of /48 or smaller.',
    });
  }
  return range;
}

/** Who may come in; a change counts from the next request on. */
export class NetworksIn {
  #added: readonly string[] = [];
  #list = blockListOf([]);

  /** What was added to the home, as text. */
  get added(): readonly string[] {
    return this.#added;
  }

  /** From now on these beside the home. Throws like `parseNetwork`, and then all is as before. */
  set(added: readonly string[]): void {
    const networks = added.map(parseNetwork);
    this.#list = blockListOf(networks);
    this.#added = networks.map(formatRange);
  }

  /** Whether an address may come in. Only plain spellings are addresses. */
  has(address: string | undefined): boolean {
    if (address === undefined) return false;
    const addressClass = classifyAddress(address);
    if (addressClass === 'public') return this.#isAdded(address);
    return addressClass !== undefined && addressClass !== 'never';
  }

  #isAdded(address: string): boolean {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
    const plain = mapped ?? address;
    return this.#list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  }
}

function blockListOf(networks: readonly NetworkRange[]): BlockList {
  const list = new BlockList();
  for (const range of networks) {
    list.addSubnet(addressOf(range), range.prefix, range.family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
