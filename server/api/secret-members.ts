/**
 * Takes the passwords and keys out of a request's body as bytes, before it is parsed: a string stays in
 * V8's heap for as long as V8 likes, bytes are zeroed (docs/design/keys.md, "Threats").
 */
import { isUtf8 } from 'node:buffer';

/** Members and their text in UTF-8. */
export type Secrets = Map<string, Buffer>;

const [QUOTE, BACKSLASH, COLON, COMMA] = Buffer.from('"\\:,') as unknown as [
  number,
  number,
  number,
  number,
];
const OPENING = Buffer.from('{[');
const CLOSING = Buffer.from('}]');
const BLANK = 0x20;
const BRACE = 0x7b;

/** Stands in the body for each code point of what was taken out, so that its length is still checked. */
const STAND_IN = 0x2a;

/** RFC 8259 section 7; what follows `\u` is read apart. */
const ESCAPES = new Map(
  Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 }).map(
    ([sign, byte]) => [sign.charCodeAt(0), byte],
  ),
);

/** A string's content in UTF-8, and how many code points it has. */
interface Decoded {
  readonly text: Buffer;
  readonly points: number;
}

/**
 * Cuts the strings of `names` out of the object in `body`, in place: its own members only, no deeper
 * ones. Undefined for what cannot be JSON; what is left may still be none. One pass, no recursion.
 */
export function cutSecrets(body: Buffer, names: ReadonlySet<string>): Secrets | undefined {
  const secrets: Secrets = new Map();
  if (isUtf8(body) && cutInto(secrets, body, names)) return secrets;
  wipe(secrets);
  return undefined;
}

/** Zeroes all of them. */
export function wipe(secrets: Secrets): void {
  for (const bytes of secrets.values()) bytes.fill(0);
  secrets.clear();
}

function cutInto(secrets: Secrets, body: Buffer, names: ReadonlySet<string>): boolean {
  let depth = 0;
  let isObject = false;
  let expectsName = false;
  let name: string | undefined;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === QUOTE) {
      const end = endOfString(body, at + 1);
      if (end === undefined) return false;
      if (depth === 1 && isObject && expectsName) {
        name = decode(body.subarray(at + 1, end))?.text.toString();
        if (name === undefined) return false;
      } else if (depth === 1 && name !== undefined && names.has(name)) {
        if (!cut(secrets, { name, string: body.subarray(at + 1, end + 1) })) return false;
      }
      at = end;
    } else if (OPENING.includes(byte)) {
      depth += 1;
      if (depth === 1) isObject = expectsName = byte === BRACE;
    } else if (CLOSING.includes(byte)) {
      depth -= 1;
      if (depth < 0) return false;
    } else if (depth === 1 && byte === COLON) {
      expectsName = false;
    } else if (depth === 1 && byte === COMMA) {
      expectsName = isObject;
      name = undefined;
    }
  }
  return depth === 0;
}

/** `string`: from behind the opening quote to the closing one, which is included. */
function cut(secrets: Secrets, { name, string }: { name: string; string: Buffer }): boolean {
  const decoded = decode(string.subarray(0, -1));
  if (decoded === undefined) return false;
  // Of two members of one name the last one counts, as for JSON.parse.
  secrets.get(name)?.fill(0);
  secrets.set(name, decoded.text);
  string.fill(BLANK);
  string.fill(STAND_IN, 0, decoded.points);
  string[decoded.points] = QUOTE;
  return true;
}

/** Where the closing quote is. */
function endOfString(body: Buffer, from: number): number | undefined {
  for (let at = from; at < body.length; at += 1) {
    if (body[at] === QUOTE) return at;
    if (body[at] === BACKSLASH) at += 1;
  }
  return undefined;
}

/** Undefined where the string holds an escape or a control character that JSON does not have. */
function decode(source: Buffer): Decoded | undefined {
  // Never longer than its source: six bytes of an escape are at most three of UTF-8.
  // Memory of its own: V8 keeps up to 64 bytes in its heap, and copies them when it moves things.
  const target = Buffer.from(new ArrayBuffer(source.length));
  let length = 0;
  let points = 0;
  for (let at = 0; at < source.length; at += 1) {
    const byte = source[at] ?? 0;
    if (byte < BLANK) {
      target.fill(0);
      return undefined;
    }
    if (byte !== BACKSLASH) {
      target[length] = byte;
      length += 1;
      // Bytes that go on a character count with its first one (RFC 3629 section 3).
      if ((byte & 0xc0) !== 0x80) points += 1;
      continue;
    }
    const point = pointOf(source, at);
    if (point === undefined) {
      target.fill(0);
      return undefined;
    }
    // Only characters of an escape become strings here, one at a time.
    length += target.write(String.fromCodePoint(point.value), length);
    points += 1;
    at += point.chars - 1;
  }
  return { text: target.subarray(0, length), points };
}

/** The code point of the escape at `at`, and how many characters of source it takes. */
function pointOf(source: Buffer, at: number): { value: number; chars: number } | undefined {
  const sign = source[at + 1];
  const simple = sign === undefined ? undefined : ESCAPES.get(sign);
  if (simple !== undefined) return { value: simple, chars: 2 };
  const high = unitOf(source, at);
  if (high === undefined) return undefined;
  const low = high >= 0xd800 && high < 0xdc00 ? unitOf(source, at + 6) : undefined;
  if (low === undefined || low < 0xdc00 || low > 0xdfff) {
    // Half a pair becomes U+FFFD, as it does on the way from a string to UTF-8.
    return { value: high >= 0xd800 && high <= 0xdfff ? 0xfffd : high, chars: 6 };
  }
  return { value: 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), chars: 12 };
}

/** The four digits of `\uXXXX`. */
function unitOf(source: Buffer, at: number): number | undefined {
  if (source[at] !== BACKSLASH || source[at + 1] !== 'u'.charCodeAt(0)) return undefined;
  const digits = source.toString('latin1', at + 2, at + 6);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
