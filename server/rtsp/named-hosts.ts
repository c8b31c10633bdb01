/** Places on the Internet that a camera names in passing. Nothing is done with them: every address is
 * pinned (camera-description.ts). But the owner may want to know. Pure. */
import { classifyAddress } from '../egress/policy.ts';
import type { RtspResponse } from './message.ts';

/** What may hold an address of where media come from or go to (RFC 2326 12). */
const HEADERS = ['Content-Base', 'Content-Location', 'Transport', 'RTP-Info'];

/** Of a description (RFC 8866): where media go to, and what is to be asked for. The origin (`o=`) is
 * left out: cameras write anything there. */
const LINES = /^(?:c=IN IP[46] |a=control:)(.*)$/gm;

/** A description of a camera is 1 to 2 KiB; what is longer is read to here. */
const READ_MAX_CHARS = 16 * 1024;

const LITERAL = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}:[0-9a-f:]{2,36})(?![\w.])/gi;

/** The first literal address of an answer that is on the Internet; names are not looked up. */
export function publicHostIn({ headers, body }: RtspResponse): string | undefined {
  const described = body.toString('latin1', 0, READ_MAX_CHARS);
  const places = [
    ...HEADERS.flatMap((name) => headers.getAll(name)),
    ...[...described.matchAll(LINES)].map((line) => line[1] ?? ''),
  ];
  for (const place of places) {
    for (const [literal] of place.matchAll(LITERAL)) {
      if (classifyAddress(literal) === 'public') return literal;
    }
  }
  return undefined;
}
