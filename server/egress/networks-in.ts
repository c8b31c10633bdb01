/**
 * Networks that may come in beside the home: a VPN's range, by hand. What is added here is what
 * confine/home-networks.ts puts into the kernel's list beside the home. Pure.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { AppError } from '../base/errors.ts';
import { shortText } from '../base/short-text.ts';
import { classifyAddress } from './policy.ts';

/** A range of addresses, as systemd and nftables take it. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
}

/** More VPNs than a household has. */
export const ADDED_NETWORKS_MAX = 8;

/** Shared address space (RFC 6598): where VPNs have their IPv4 addresses. */
const SHARED = blockListOf([{ address: '100.64.0.0', prefix: 10 }]);
/** Global unicast (RFC 4291 2.4): what a provider gives a home, and some VPNs, is /48 at most. */
const GLOBAL = blockListOf([{ address: '2000::', prefix: 3 }]);
const GLOBAL_PREFIX_MIN = 48;
const SHARED_PREFIX_MIN = 10;

/** As it is stored and shown. */
export function networkText({ address, prefix }: Network): string {
  return `${address}/${String(prefix)}`;
}

/** Reads what an owner typed. `unprocessable` for what is none, and for ranges of the Internet: a shared
 * IPv4 range (100.64.0.0/10), or a part of one, and global IPv6 ranges of /48 and smaller are taken. */
export function parseNetwork(typed: string): Network {
  const [address = '', prefixText = '', ...more] = typed.trim().toLowerCase().split('/');
  const family = isIP(address);
  const prefix = /^(0|[1-9]\d{0,2})$/.test(prefixText) ? Number(prefixText) : -1;
  const isNetwork = family !== 0 && more.length === 0 && prefix >= 0;
  if (!isNetwork || prefix > (family === 4 ? 32 : 128) || address.includes('%')) {
    throw new AppError('unprocessable', `This is no range of addresses: ${printable(typed)}.`, {
      reason: 'bad-network',
      hint: 'Write the range of your VPN as its settings show it, like 100.64.0.0/10.',
    });
  }
  const isShared = family === 4 && prefix >= SHARED_PREFIX_MIN && SHARED.check(address, 'ipv4');
  // 6to4, Teredo and NAT64 are IPv4 in disguise (policy.ts): never at home.
  const isHomeV6 =
    family === 6 &&
    prefix >= GLOBAL_PREFIX_MIN &&
    GLOBAL.check(address, 'ipv6') &&
    classifyAddress(address) === 'public';
  if (!isShared && !isHomeV6) {
    throw new AppError('unprocessable', 'This range is at home already, or of the Internet.', {
      reason: 'foreign-network',
      hint: 'A VPN has addresses from 100.64.0.0/10, or an IPv6 range of /48 or smaller.',
    });
  }
  return { address, prefix };
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
    this.#added = networks.map(networkText);
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

function blockListOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix } of networks) {
    list.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** What a stranger typed, safe to put into a sentence. */
function printable(text: string): string {
  return shortText(text.replaceAll(/[^\x21-\x7e]/g, '?'), 40);
}
