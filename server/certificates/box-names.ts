/** Under which names and addresses other machines of the home find this box. */
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { classifyAddress, looksNumeric } from '../egress/policy.ts';

/** What the box is called, now. */
export interface BoxNames {
  /** Lower case, the name of the machine first; never empty, because `localhost` is always one. */
  readonly names: readonly string[];
  /** Private and link-local literals in canonical spelling, the one to try first in front; without
   * loopback. */
  readonly addresses: readonly string[];
}

/** What `os.networkInterfaces` answers. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** A box at home has a handful; a machine with dozens of container bridges still gets a certificate
 * of a few kilobytes, which fits the first flight of a handshake's answer on any phone. */
const ADDRESSES_MAX = 32;

/** Domains that home routers and mDNS (RFC 6762) put behind a machine's name and that nobody can buy:
 * RFC 8375, ICANN's reservation of `internal`; `lan` is the habit of OpenWrt and never delegated. */
const HOME_DOMAINS = ['local', 'home.arpa', 'internal', 'lan'] as const;

/** Names people give to machines that are also public top-level domains. A name constraint covers
 * everything below a name (RFC 5280 4.2.1.10), so these stay out on their own. */
const PUBLIC_DOMAINS: ReadonlySet<string> = new Set([
  ...['com', 'net', 'org', 'edu', 'gov', 'mil', 'int', 'arpa', 'info', 'biz', 'name'],
  ...['app', 'box', 'cam', 'camera', 'cloud', 'dev', 'host', 'house', 'online', 'page', 'zone'],
]);

/** One label of a host name (RFC 1123 2.1). */
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** Interfaces of containers, virtual machines and tunnels: real, but no phone is behind them. */
const INNER_INTERFACE =
  /^(docker|br-|veth|virbr|vmnet|vnet|cni|flannel|cali|lxc|lxd|podman|wg|tun|tap|zt|tailscale)/;

/** What this machine says about itself. Reads no file and asks no server (G1). */
export function readBoxNames(): BoxNames {
  return boxNames(hostname(), networkInterfaces());
}

/** `BoxNames` of a machine with this host name and these interfaces. */
export function boxNames(hostName: string, interfaces: Interfaces): BoxNames {
  return { names: namesOf(hostName), addresses: addressesOf(interfaces) };
}

/** The canonical spelling of a literal that the box's authority may vouch for: private, and in no
 * disguise. A v4-mapped one (`::ffff:192.168.1.5`) lies outside the signer's constraints, and a single
 * such entry makes the whole certificate worthless. Undefined for everything else. */
export function privateLiteral(text: string): string | undefined {
  if (classifyAddress(text) !== 'private') return undefined;
  if (!text.includes(':')) return text;
  const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1);
  return canonical.startsWith('::') ? undefined : canonical;
}

/** Whether somebody may say that the box has this name besides: one label, or one below a domain that
 * is nobody's. Any other name belongs to somebody, and the signer could vouch for all below it. */
export function isHomeName(name: string): boolean {
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label)) || looksNumeric(name)) return false;
  if (labels.length > 1) return HOME_DOMAINS.some((domain) => name.endsWith(`.${domain}`));
  return !PUBLIC_DOMAINS.has(name) && !HOME_DOMAINS.some((domain) => name === domain);
}

/** The machine's name for people: the first label, or nothing when it says nothing. */
export function shortName({ names }: BoxNames): string | undefined {
  const [first = 'localhost'] = names;
  return first === 'localhost' ? undefined : first.split('.')[0];
}

function namesOf(hostName: string): string[] {
  const full = hostName.toLowerCase().replace(/\.$/, '');
  const labels = full.split('.');
  const usable = labels.every((label) => LABEL.test(label)) && !looksNumeric(full);
  // The name of every machine on its own, and of none (RFC 6761 6.3).
  if (!usable || labels[0] === 'localhost') return ['localhost'];
  const [short = full] = labels;
  const own = [full, short].filter((name) => !PUBLIC_DOMAINS.has(name));
  const atHome = HOME_DOMAINS.map((domain) => `${short}.${domain}`);
  return [...new Set([...own, ...atHome, 'localhost'])];
}

function addressesOf(interfaces: Interfaces): string[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .map(({ address, family }) => ({ address, rank: rankOf(name, address, family) }))
      .filter((entry): entry is { address: string; rank: number } => entry.rank !== undefined),
  );
  const byRank = found.sort((a, b) => a.rank - b.rank || (a.address < b.address ? -1 : 1));
  return [...new Set(byRank.map(({ address }) => address))].slice(0, ADDRESSES_MAX);
}

/** Lower is tried first: IPv4 before IPv6, because people can read it out; undefined for what no
 * browser of the home can open (public, loopback, IPv6 link-local, which needs a zone). */
function rankOf(interfaceName: string, address: string, family: string): number | undefined {
  const addressClass = classifyAddress(address);
  const isV4 = family === 'IPv4';
  if (addressClass !== 'private' && !(addressClass === 'link-local' && isV4)) return undefined;
  const inner = INNER_INTERFACE.test(interfaceName) ? 4 : 0;
  return inner + (isV4 ? 0 : 2) + (addressClass === 'link-local' ? 1 : 0);
}
