/**
 * Addresses that a browser came by, where the box cannot know its own: in a container. Anybody in the
 * home can claim one, so there are few places, and those that the owner came by are never given away
 * (docs/design/https.md). Pure.
 */
import { privateLiteral } from '../certificates/box-names.ts';
import { LEARNED_ADDRESSES_MAX } from '../contract/settings.ts';
import type { LearnedAddress } from '../storage/learned-addresses.ts';

/** A literal and a port (RFC 9112 3.2). Browsers send it in lower case; a name is none. */
const LITERAL_HOST = /^(?:\[([0-9a-f:]{2,39})\]|(\d[\d.]{6,14}))(?::\d{1,5})?$/;

/** The private literal of a Host field; undefined for a name, a public literal and anything else. */
export function literalOf(host: string): string | undefined {
  const [, v6, v4] = LITERAL_HOST.exec(host) ?? [];
  const literal = v6 ?? v4;
  return literal === undefined ? undefined : privateLiteral(literal);
}

/** The places after somebody came by an address; undefined when that changes nothing: it is known, or
 * every place is the owner's. */
export function learn(
  places: readonly LearnedAddress[],
  came: LearnedAddress,
): readonly LearnedAddress[] | undefined {
  const known = places.find(({ address }) => address === came.address);
  if (known !== undefined) {
    if (known.isOwners || !came.isOwners) return undefined;
    return places.map((place) => (place === known ? came : place));
  }
  if (places.length < LEARNED_ADDRESSES_MAX) return [...places, came];
  const oldest = places.find(({ isOwners }) => !isOwners);
  return oldest && [...places.filter((place) => place !== oldest), came];
}
