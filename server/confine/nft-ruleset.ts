/**
 * The rules for nftables in the container's own network namespace: what a compromised program still cannot do.
 * Never for the host's namespace, whose rules belong to its owner. Pure.
 */
import { ofFamily } from './home-networks.ts';
import type { NetworkRange } from '../egress/network-ranges.ts';

/** Which table; ours alone, so that loading it again replaces it whole. */
const TABLE = 'inet doorkeep';

/** A line for `nft`'s counters to hang on: what was stopped going out, and coming in. */
export const REFUSED_OUT = 'refused_out';
/** See `REFUSED_OUT`. */
export const REFUSED_IN = 'refused_in';

/** For `nft -f -`, in one transaction: from one packet to the next all of it holds, or nothing changed. */
export function nftRuleset(networks: readonly NetworkRange[]): string {
  const [v4, v6] = [ofFamily(networks, 4).join(', '), ofFamily(networks, 6).join(', ')];
  return `# What this box may speak to and be spoken to by. Written by Doorkeep (service rules).
table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
  counter ${REFUSED_OUT} { }
  counter ${REFUSED_IN} { }
  set home4 { type ipv4_addr; flags interval; elements = { ${v4} }; }
  set home6 { type ipv6_addr; flags interval; elements = { ${v6} }; }
  chain out {
    type filter hook output priority filter; policy drop;
    # Docker's resolver asks whomever the machine asks, outside of this namespace.
    ip daddr 127.0.0.11 counter name ${REFUSED_OUT} reject with icmpx admin-prohibited
    oifname "lo" accept
    # Who is beside us on the wire (RFC 4861), without which IPv6 reaches nobody.
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } ip6 hoplimit 255 accept
    ip daddr @home4 accept
    ip6 daddr @home6 accept
    # Refused, not dropped: the program hears of it at once, and so does who looks.
    counter name ${REFUSED_OUT} reject with icmpx admin-prohibited
  }
  chain in {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } ip6 hoplimit 255 accept
    ip saddr @home4 accept
    ip6 saddr @home6 accept
    counter name ${REFUSED_IN} drop
  }
  chain through {
    type filter hook forward priority filter; policy drop;
  }
}
`;
}
