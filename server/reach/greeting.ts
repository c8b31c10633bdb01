/** What the person who started Doorkeep reads. Pure: the caller prints it. */
import { renderUnicodeCompact } from 'uqr';

/** Modules of quiet around the code. ISO/IEC 18004 asks for 4, for paper; on a screen 2 are read by
 * every phone, and four columns count in a narrow window. */
const QUIET_MODULES = 2;

/** Where a container is that was not told: who reads it fills in the address. */
const UNKNOWN_IS = [
  '  ADDRESS is that of this machine in your home, like 192.168.1.20; a container',
  '  cannot see it. `hostname -I` shows it first. To have it said here and in the',
  '  certificate from the start: DOORKEEP_ADDRESSES (docs/guide/running.md).',
] as const;

/** What there is to say. */
export interface GreetingParts {
  readonly version: string;
  /** Where programs on this machine find it. */
  readonly ownAddress: string;
  /** Where phones find it, best first; empty when they may not. */
  readonly homeAddresses: readonly string[];
  /** Of what phones have to trust; undefined when there is nothing to trust. */
  readonly fingerprint: string | undefined;
  /** The one-time code, until the box is set up. */
  readonly code: string | undefined;
  /** Of a container: who reads this sits at the machine around it, whose address it may not know. */
  readonly inContainer?: boolean;
}

/** The lines, in the order of doing: where it is, what a phone needs first, the code. */
export function greeting(parts: GreetingParts): string[] {
  const { version, ownAddress, homeAddresses, code, inContainer = false } = parts;
  const isUnknown = inContainer && homeAddresses.length === 0;
  const elsewhere = isUnknown ? `https://ADDRESS${portOf(ownAddress)}` : ownAddress;
  const [first = elsewhere, ...others] = homeAddresses;
  return [
    `Doorkeep ${version} is at ${first}`,
    ...others.map((address) => `  also at ${address}`),
    ...(isUnknown ? UNKNOWN_IS : []),
    ...(first === ownAddress || inContainer ? [] : [`  on this machine at ${ownAddress}`]),
    ...(isUnknown || homeAddresses.length > 0 ? phoneLines(parts, first) : []),
    ...(code === undefined ? [] : setUpLines(code, first, homeAddresses.length > 0)),
  ];
}

/** The port of an address as it is written, with its colon. */
function portOf(address: string): string {
  return /:\d+$/.exec(address)?.[0] ?? '';
}

function phoneLines({ fingerprint }: GreetingParts, first: string): string[] {
  if (fingerprint === undefined) return [];
  return [
    '',
    'A phone has to get to know this box, once (docs/guide/phones.md):',
    `  1. Open ${first.replace('https:', 'http:')}/ca.crt on it, in the home network.`,
    '  2. Before you trust what it shows, compare this fingerprint (SHA-256):',
    ...fingerprintLines(fingerprint).map((line) => `     ${line}`),
  ];
}

/** 32 groups are one line too long for a terminal of 80 columns. */
function fingerprintLines(fingerprint: string): string[] {
  const groups = fingerprint.split(':');
  const half = groups.length / 2;
  return [groups.slice(0, half).join(':'), groups.slice(half).join(':')];
}

/** In the fragment, the code never leaves the browser that opens the link (RFC 3986 3.5). */
function setUpLines(code: string, address: string, withPicture: boolean): string[] {
  const link = `${address}/#code=${code}`;
  return [
    '',
    `To set it up, use this code once: ${code}`,
    `  or open ${link}`,
    ...(withPicture ? ['', ...pictureOf(link), ''] : []),
    'The code is also in the file setup-token of the data folder.',
  ];
}

/** Half blocks, light on dark, without colours: it survives `docker compose logs` and the journal. */
function pictureOf(link: string): string[] {
  return renderUnicodeCompact(link, { border: QUIET_MODULES }).split('\n');
}
