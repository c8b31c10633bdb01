/** A refusal as the owner reads it. Pure. */
import { shortText } from '../base/short-text.ts';
import { classifyAddress } from './policy.ts';
import type { RefusedWay } from './refusals.ts';

/** What fits on a first line. */
const LINE_MAX_CHARS = 90;

/** A name is told in no fewer: with less of it nobody knows which camera it is. */
const NAME_MIN_CHARS = 12;

/** An IPv6 address in full. */
const PLACE_MAX_CHARS = 39;

/** About a camera that named another place: `to` as a `Refusal` has it. */
export function sentUsElsewhere(name: string, to: string): string {
  const host = hostOf(to);
  const place = shortText(host, PLACE_MAX_CHARS);
  const rest = (where: string): string => ` tried to send us to ${place}${where}. We did not go.`;
  const isOutside = classifyAddress(host) === 'public';
  const outside = isOutside ? rest(', outside your home') : rest('');
  const ending = outside.length + NAME_MIN_CHARS > LINE_MAX_CHARS ? rest('') : outside;
  return `${shortText(name, LINE_MAX_CHARS - ending.length)}${ending}`;
}

const DEEDS: Readonly<Record<RefusedWay, string>> = {
  connection: 'connect to',
  datagram: 'send something to',
  'look-up': 'ask for the name',
  program: 'start the program',
  thread: 'start a',
  inspector: 'open the',
  internals: 'use Node’s own',
  redirect: 'go to',
  named: 'go to',
};

/** About a part of the program itself. */
export function triedItself(way: RefusedWay, name: string, to: string): string {
  const by = shortText(name, 24);
  return `A part of Doorkeep (${by}) tried to ${DEEDS[way]} ${shortText(hostOf(to), 24)}. It was refused.`;
}

/** Without its port; brackets around IPv6 go. */
export function hostOf(to: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(to)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^([^:]+):\d{1,5}$/.exec(to)?.[1] ?? to;
}
