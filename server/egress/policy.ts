/** Which addresses Doorkeep may open a connection to. Pure; the gateway enforces it (G1). */
import { BlockList, isIP } from 'node:net';
import { AppError } from '../base/errors.ts';
import { shortText } from '../base/short-text.ts';

/** What kind of place a literal address names. `never` is refused whatever was typed. */
export type AddressClass = 'loopback' | 'private' | 'link-local' | 'public' | 'never';

/** Where cloud machines ask for credentials; on a home network nobody is there. */
export const METADATA_IPV4 = '169.254.169.254';

/** Ranges with their class, the most specific first where they overlap. What no row names is
 * public. Sources: the IANA special-purpose registries (RFC 6890) and the RFC beside each row. */
const RANGES: readonly (readonly [string, number, AddressClass])[] = [
  // Cloud metadata services: they hand out credentials to whoever asks.
  [METADATA_IPV4, 32, 'never'],
  ['fd00:ec2::254', 128, 'never'],
  // "This network" (RFC 1122 3.2.1.3): 0.0.0.0 reaches loopback on Linux under another name.
  ['0.0.0.0', 8, 'never'],
  // Multicast, reserved and broadcast (RFC 1112, RFC 919): no camera answers TCP there.
  ['224.0.0.0', 4, 'never'],
  ['240.0.0.0', 4, 'never'],
  ['127.0.0.0', 8, 'loopback'],
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['169.254.0.0', 16, 'link-local'],
  ['::1', 128, 'loopback'],
  ['::', 128, 'never'],
  // NAT64 (RFC 6052, RFC 8215), Teredo and 6to4: a v4 address in disguise, and a way off the network.
  ['64:ff9b::', 96, 'never'],
  ['64:ff9b:1::', 48, 'never'],
  ['2001::', 32, 'never'],
  ['2002::', 16, 'never'],
  // IPv4-compatible, deprecated (RFC 4291 2.5.5.1): no host has one, but routes may exist.
  ['::', 96, 'never'],
  ['fe80::', 10, 'link-local'],
  // Unique local (RFC 4193).
  ['fc00::', 7, 'private'],
  ['ff00::', 8, 'never'],
];

const TABLE = RANGES.map(([network, prefix, addressClass]) => {
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return { list, family, addressClass } as const;
});

// Four decimal octets without leading zeros; `inet_aton` would also take 0177.1, 0x7f.1 and 2130706433.
const OCTET = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])';
const STRICT_IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
// A zone names one of the box's own interfaces (RFC 4007 11).
const ZONE = /^[A-Za-z0-9._-]{1,15}$/;

/**
 * The class of a literal address, or undefined when `text` is not one in its plain spelling. A
 * v4-mapped address (`::ffff:192.168.1.5`) has the class of the v4 address inside it. A zone
 * (`fe80::1%eth0`) is understood on link-local addresses only.
 */
export function classifyAddress(text: string): AddressClass | undefined {
  if (STRICT_IPV4.test(text)) return lookUp(text, 'ipv4');
  const percent = text.indexOf('%');
  const address = percent < 0 ? text : text.slice(0, percent);
  if (isIP(address) !== 6) return undefined;
  const mapped = mappedIpv4(address);
  const addressClass = mapped === undefined ? lookUp(address, 'ipv6') : lookUp(mapped, 'ipv4');
  if (percent < 0) return addressClass;
  return addressClass === 'link-local' && ZONE.test(text.slice(percent + 1))
    ? addressClass
    : undefined;
}

/** Whether a literal is of the home or of this machine: where the gateway may connect to. */
export function isHomeAddress(address: string): boolean {
  const kind = classifyAddress(address);
  return kind === 'private' || kind === 'link-local' || kind === 'loopback';
}

/** What is at home by its address, in CIDR notation: private and link-local ranges. What is cut out of
 * them (`never`) is not. For the layers below the program, which are given ranges. */
export function homeRanges(): string[] {
  return RANGES.filter(([, , kind]) => kind === 'private' || kind === 'link-local').map(
    ([network, prefix]) => `${network}/${String(prefix)}`,
  );
}

/** True when a host name would be read as an IPv4 number by some resolver (`127.1`, `0x7f.1`,
 * `010.0.0.1`): its last label is a number (WHATWG URL, "ends in a number"). */
export function looksNumeric(host: string): boolean {
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i.test(host);
}

/**
 * Throws unless a camera may be at `address:port`: private, link-local or loopback, and on loopback
 * not one of Doorkeep's own ports. Throws `unprocessable` with a sentence for the owner.
 */
export function checkCameraAddress(
  address: string,
  port: number,
  ownPorts: ReadonlySet<number>,
): void {
  const addressClass = classifyAddress(address);
  if (addressClass === undefined) {
    throw new AppError('unprocessable', `There is no such address as “${printable(address)}”.`, {
      reason: 'bad-address',
      hint: 'Write the address as the camera or the router shows it, like 192.168.1.20.',
    });
  }
  if (addressClass === 'public') {
    throw new AppError('unprocessable', `${address} is on the Internet, not in your home.`, {
      reason: 'public-address',
      hint:
        'Doorkeep only connects to cameras on your own network. ' +
        'Enter the address that the camera has at home, like 192.168.1.20.',
    });
  }
  if (addressClass === 'never') {
    throw new AppError('unprocessable', `${address} cannot be the address of a camera.`, {
      reason: 'reserved-address',
      hint: 'Enter the address that the camera has at home, like 192.168.1.20.',
    });
  }
  if (addressClass === 'loopback' && ownPorts.has(port)) {
    throw new AppError('unprocessable', 'That is the address of Doorkeep itself.', {
      reason: 'own-port',
      hint: 'Enter the address and port of the camera.',
    });
  }
}

function lookUp(address: string, family: 'ipv4' | 'ipv6'): AddressClass {
  for (const row of TABLE) {
    if (row.family === family && row.list.check(address, family)) return row.addressClass;
  }
  return 'public';
}

const MAPPED = new BlockList();
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6');

// RFC 4291 2.5.5.2. The last 32 bits may be written dotted or as two groups.
function mappedIpv4(address: string): string | undefined {
  if (!MAPPED.check(address, 'ipv6')) return undefined;
  const tail = address.slice(address.lastIndexOf(':') + 1);
  if (tail.includes('.')) return tail;
  const groups = expandIpv6(address);
  const high = groups[6] ?? 0;
  const low = groups[7] ?? 0;
  return `${String(high >> 8)}.${String(high & 255)}.${String(low >> 8)}.${String(low & 255)}`;
}

// The eight groups of an address that `isIP` accepted and that has no dotted tail.
function expandIpv6(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = parse(head);
  if (tail === undefined) return before;
  const after = parse(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

// Whatever more was typed does not fit on a first line of 90 characters.
const PRINTABLE_MAX_CHARS = 40;

// What a stranger typed, safe to put into a sentence.
function printable(text: string): string {
  return shortText(text.replaceAll(/[^\x21-\x7e]/g, '?'), PRINTABLE_MAX_CHARS);
}
