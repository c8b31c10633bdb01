/** Ranges of addresses in CIDR notation (RFC 4632 3.1, RFC 4291 2.3), as numbers. Pure. */
import { isIP } from 'node:net';
import { AppError } from '../base/errors.ts';
import { shortText } from '../base/short-text.ts';

/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** All addresses that share their first `prefix` bits. */
export interface NetworkRange {
  readonly family: Family;
  /** The first address; the bits behind the prefix are zero. */
  readonly first: bigint;
  readonly prefix: number;
}

/** Bits of an address. */
export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/**
 * `192.168.0.0/16`, `fc00::/7`, or one address alone unless `withPrefix`. Throws `unprocessable` for anything else, and for a range
 * whose address lies inside it in place of at its beginning: that is more often a slip than meant.
 */
export function parseRange(
  text: string,
  { withPrefix = false }: { readonly withPrefix?: boolean } = {},
): NetworkRange {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address) as Family | 0;
  if (family === 0 || address.includes('%') || rest.length > 0) throw notARange(text);
  if (withPrefix && bits === undefined) throw notARange(text);
  const prefix = bits === undefined ? BITS[family] : Number(bits);
  if ((bits !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(bits)) || prefix > BITS[family]) {
    throw notARange(text);
  }
  const first = family === 4 ? numberOfIpv4(address) : numberOfIpv6(address);
  const range = { family, first, prefix };
  if (first % sizeOf(range) !== 0n) {
    const begins = { family, first: first - (first % sizeOf(range)), prefix };
    throw new AppError('unprocessable', `${text} does not begin where its range begins.`, {
      reason: 'bad-network',
      hint: `Write ${formatRange(begins)} for the whole range.`,
    });
  }
  return range;
}

/** As `parseRange` reads it. */
export function formatRange({ family, first, prefix }: NetworkRange): string {
  return `${formatAddress(family, first)}/${String(prefix)}`;
}

/** Its first address. */
export function addressOf({ family, first }: NetworkRange): string {
  return formatAddress(family, first);
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: NetworkRange, inner: NetworkRange): boolean {
  return (
    outer.family === inner.family &&
    outer.prefix <= inner.prefix &&
    inner.first - (inner.first % sizeOf(outer)) === outer.first
  );
}

/** What is left of `range` without `hole`, as few ranges as there can be: one for each bit between
 * their prefixes. Both as they are where they do not touch. */
export function without(range: NetworkRange, hole: NetworkRange): NetworkRange[] {
  if (contains(hole, range)) return [];
  if (!contains(range, hole)) return [range];
  const { family } = range;
  const rest: NetworkRange[] = [];
  for (let prefix = range.prefix + 1; prefix <= hole.prefix; prefix += 1) {
    const bit = 1n << BigInt(BITS[family] - prefix);
    // The half that the hole is not in: its last bit turned over, and zeros behind it.
    const first = (hole.first ^ bit) & ~(bit - 1n);
    rest.push({ family, first, prefix });
  }
  return rest.sort((a, b) => (a.first < b.first ? -1 : 1));
}

function sizeOf({ family, prefix }: Pick<NetworkRange, 'family' | 'prefix'>): bigint {
  return 1n << BigInt(BITS[family] - prefix);
}

function numberOfIpv4(text: string): bigint {
  return text.split('.').reduce((number, octet) => number * 256n + BigInt(octet), 0n);
}

function numberOfIpv6(text: string): bigint {
  const [head = '', rest] = canonicalIpv6(text).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = rest === undefined ? [] : groups(rest);
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce(
    (number, group) => number * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

/** RFC 5952, as URLs have it: a dotted tail becomes two groups, the longest zeros `::`. */
function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function formatAddress(family: Family, value: bigint): string {
  if (family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return canonicalIpv6(groups.join(':'));
}

/** An IPv6 range in full. */
const RANGE_MAX_CHARS = 43;

function notARange(text: string): AppError {
  return new AppError(
    'unprocessable',
    `There is no range of addresses like “${shortText(text, RANGE_MAX_CHARS)}”.`,
    {
      reason: 'bad-network',
      hint: 'Write the range of your VPN as its settings show it, like 100.64.0.0/10.',
    },
  );
}
