/** What was refused, and who is told. Plain values: they cross from one process of ours to another. */

/** How something tried to leave. `redirect`: a camera answered that we should go elsewhere; `named`:
 * it named another place in passing. */
export const REFUSED_WAYS = [
  ...['connection', 'datagram', 'look-up', 'program', 'thread', 'inspector', 'internals'],
  ...['redirect', 'named'],
] as const;

/** See `REFUSED_WAYS`. */
export type RefusedWay = (typeof REFUSED_WAYS)[number];

/** Who tried: a camera that is stored, one that is being tried before it is, or a part of the program:
 * `server/rtsp/relay`, the name of a package, `key process`. */
export type RefusedWho =
  | { readonly kind: 'camera'; readonly id: string }
  | { readonly kind: 'new-camera' }
  | { readonly kind: 'program'; readonly name: string };

/** One attempt. */
export interface Refusal {
  readonly way: RefusedWay;
  readonly who: RefusedWho;
  /** `203.0.113.9:443`, `example.com`, `curl`: at most `TO_MAX_CHARS` printable characters. */
  readonly to: string;
  /** Machine-readable: a reason of the policy, `redirected`, or `not-announced`. */
  readonly reason: string;
}

/** The longest host name has 253 characters; what is longer is told by its beginning. */
export const TO_MAX_CHARS = 128;

/** Before anybody listens, and when nobody does: more are counted, not kept. */
const KEPT_MAX = 100;

/** What happened before anybody listened. */
const kept: Refusal[] = [];
let listener: ((refusal: Refusal) => void) | undefined;
let total = 0;

/** How many attempts this process refused or was told of, since its start. */
export function refusedTotal(): number {
  return total;
}

/** Tells whoever listens; never throws, because it is called in the middle of foreign code. */
export function tellRefusal(refusal: Refusal): void {
  total += 1;
  if (listener !== undefined) listener(refusal);
  else if (kept.length < KEPT_MAX) kept.push(refusal);
}

/** Hears of all attempts from now on, and first of those that nobody heard of; answers how to end it.
 * One listener: the ledger of the server that runs, or the pipe to it. */
export function hearRefusals(hear: (refusal: Refusal) => void): () => void {
  listener = hear;
  for (const refusal of kept.splice(0)) hear(refusal);
  return () => {
    if (listener === hear) listener = undefined;
  };
}

/** What a stranger named, fit to be kept and shown. */
export function printableDestination(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, TO_MAX_CHARS);
}
