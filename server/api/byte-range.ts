/** Which part of a file a request asks for (RFC 9110 section 14). Pure. */
import type { ByteRange } from './services.ts';

/** What to send: everything, one part, or nothing because no byte lies there. */
export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeAnswer = { kind: 'whole' };

/** RFC 9110 14.1.2: `first-last`, `first-` or `-suffix`. 15 digits stay exact in a number. */
const SINGLE_RANGE = /^bytes=[ \t]*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))[ \t]*$/i;

/**
 * Reads a Range header. Several ranges, another unit and nonsense get the whole file, which 14.2
 * allows: players and download tools ask for one range at a time.
 */
export function byteRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const match = header === undefined ? null : SINGLE_RANGE.exec(header);
  if (match === null) return WHOLE;
  const [, firstText, lastText, suffixText] = match;
  if (firstText === undefined) {
    const suffix = Number(suffixText);
    if (suffix === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
    return part(Math.max(0, sizeBytes - suffix), sizeBytes - 1);
  }
  const first = Number(firstText);
  const last = lastText === undefined || lastText === '' ? sizeBytes - 1 : Number(lastText);
  if (lastText !== undefined && lastText !== '' && last < first) return WHOLE;
  if (first >= sizeBytes) return { kind: 'unsatisfiable' };
  return part(first, Math.min(last, sizeBytes - 1));
}

function part(first: number, last: number): RangeAnswer {
  return { kind: 'part', range: { first, last } };
}
