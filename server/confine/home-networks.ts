/**
 * The networks that may come in, and that Doorkeep may speak to: one list for the program, for systemd and
 * for nftables, so that no layer lets through what another one stops.
 */
import { homeRanges, METADATA_IPV4 } from '../egress/policy.ts';
import {
  contains,
  type Family,
  formatRange,
  type NetworkRange,
  parseRange,
  without,
} from '../egress/network-ranges.ts';

/** Everything that is at home by its address, without the one address of cloud machines that hands
 * out credentials, and the ranges that a person added by hand (a VPN's). In order, none inside another. */
export function networksThatMayComeIn(added: readonly string[] = []): NetworkRange[] {
  const metadata = parseRange(METADATA_IPV4);
  const all = [...homeRanges(), ...new Set(added)].map((text) => parseRange(text));
  // nftables refuses a set of which one range lies in another.
  return all
    .filter((range) => !all.some((outer) => outer !== range && contains(outer, range)))
    .flatMap((range) => without(range, metadata))
    .sort((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1));
}

/** Those of one family, as text. */
export function ofFamily(ranges: readonly NetworkRange[], family: Family): string[] {
  return ranges.filter((range) => range.family === family).map(formatRange);
}
