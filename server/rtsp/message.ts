/** RTSP messages, read incrementally from foreign bytes and written (RFC 2326, RFC 7826). Pure. */
import { AppError } from '../base/errors.ts';

/** Start line and header lines of one message. Cameras send under 1 KiB; the largest honest heads
 * are lists of digest challenges. */
export const HEAD_MAX_BYTES = 16 * 1024;
/** A start line longer than this holds no URL that an owner typed (2048) with room for its frame. */
const START_LINE_MAX_BYTES = 4 * 1024;
/** Far beyond the 10–15 headers of real messages. */
const HEADERS_MAX = 64;
/** Bodies are SDP: 0.5–3 KiB. */
export const BODY_MAX_BYTES = 64 * 1024;
/** Blank lines that may precede a start line (RFC 7826 20.1 tolerates them). */
const LEADING_BLANK_BYTES_MAX = 64;

const LF = 0x0a;
const CR = 0x0d;

/** Header fields in the order received; names keep their spelling and compare without case. */
export class Headers {
  readonly #fields: (readonly [string, string])[];

  constructor(fields: readonly (readonly [string, string])[] = []) {
    this.#fields = [...fields];
  }

  /** The first field of that name. */
  get(name: string): string | undefined {
    return this.getAll(name)[0];
  }

  /** Every field of that name, e.g. several `WWW-Authenticate`. */
  getAll(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#fields.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#fields[Symbol.iterator]();
  }
}

/** A request; `uri` is exactly what stood on the line. */
export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A response. */
export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  /** The reason phrase; for people, never for decisions. */
  readonly phrase: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Either. */
export type RtspMessage = RtspRequest | RtspResponse;

/** Binary data between messages (RFC 7826 14): `$`, channel, length, payload. */
export interface InterleavedFrame {
  readonly kind: 'frame';
  readonly channel: number;
  readonly payload: Buffer;
}

/** Collects one message at a time. Memory: at most the head limit plus the body limit. */
export class MessageReader {
  #head: Buffer | undefined;
  #headLength = 0;
  #lineStart = 0;
  #blankBytes = 0;
  #started: RtspMessage | undefined;
  #bodyLength = 0;
  #message: RtspMessage | undefined;

  /** True between messages: nothing of a next one was read. */
  get idle(): boolean {
    return this.#headLength === 0 && this.#started === undefined;
  }

  /**
   * Reads from `bytes[offset]` on, at most to the end of one message, and returns the offset after
   * what it took. Throws `corrupt` or `exhausted`; the reader is then of no further use.
   */
  feed(bytes: Buffer, offset: number): number {
    let at = offset;
    while (this.#started === undefined && at < bytes.length) {
      this.#headByte(bytes[at] ?? 0);
      at += 1;
      // Behind a blank line a frame may begin as well as a message: the caller looks.
      if (this.idle) return at;
    }
    if (this.#started === undefined) return at;
    const { body } = this.#started;
    const taken = bytes.copy(body, this.#bodyLength, at, at + body.length - this.#bodyLength);
    this.#bodyLength += taken;
    if (this.#bodyLength === body.length) {
      this.#message = this.#started;
      this.#started = undefined;
      this.#bodyLength = 0;
    }
    return at + taken;
  }

  /** The finished message, once. */
  take(): RtspMessage | undefined {
    const message = this.#message;
    this.#message = undefined;
    return message;
  }

  #headByte(byte: number): void {
    this.#head ??= Buffer.allocUnsafe(HEAD_MAX_BYTES);
    if (this.#headLength === HEAD_MAX_BYTES) throw tooLong('head', HEAD_MAX_BYTES);
    this.#head[this.#headLength] = byte;
    this.#headLength += 1;
    if (byte === LF) {
      this.#endOfLine(this.#head);
    } else if (this.#lineStart === 0 && this.#headLength > START_LINE_MAX_BYTES) {
      throw tooLong('start line', START_LINE_MAX_BYTES);
    }
  }

  #endOfLine(head: Buffer): void {
    const blank =
      this.#headLength - this.#lineStart === 1 ||
      (this.#headLength - this.#lineStart === 2 && head[this.#lineStart] === CR);
    if (!blank) {
      this.#lineStart = this.#headLength;
      return;
    }
    if (this.#lineStart === 0) {
      // A blank line before the start line: skipped, but not for ever.
      this.#blankBytes += this.#headLength;
      this.#headLength = 0;
      if (this.#blankBytes > LEADING_BLANK_BYTES_MAX) throw tooLong('gap', LEADING_BLANK_BYTES_MAX);
      return;
    }
    this.#started = parseHead(head.toString('latin1', 0, this.#headLength));
    // Given back between messages: a camera sends a handful of them in hours.
    this.#head = undefined;
    this.#headLength = 0;
    this.#lineStart = 0;
    this.#blankBytes = 0;
  }
}

/** Reads everything a peer may send: messages and interleaved frames, copied out. For the side that
 * carries little (ffmpeg's requests and reports); the media side has `MediaPath`. */
export class RtspParser {
  readonly #reader = new MessageReader();
  #frame:
    { head: Buffer; headLength: number; payload: Buffer | undefined; length: number } | undefined;

  /** What `chunk` completed, in order. Throws `corrupt` or `exhausted`. */
  push(chunk: Buffer): (RtspMessage | InterleavedFrame)[] {
    const items: (RtspMessage | InterleavedFrame)[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame !== undefined || (this.#reader.idle && chunk[at] === 0x24)) {
        at = this.#feedFrame(chunk, at, items);
      } else {
        at = this.#reader.feed(chunk, at);
        const message = this.#reader.take();
        if (message !== undefined) items.push(message);
      }
    }
    return items;
  }

  #feedFrame(chunk: Buffer, offset: number, items: (RtspMessage | InterleavedFrame)[]): number {
    const frame = (this.#frame ??= {
      head: Buffer.alloc(4),
      headLength: 0,
      payload: undefined,
      length: 0,
    });
    let at = offset;
    if (frame.payload === undefined) {
      const taken = chunk.copy(frame.head, frame.headLength, at, at + 4 - frame.headLength);
      frame.headLength += taken;
      at += taken;
      if (frame.headLength < 4) return at;
      frame.payload = Buffer.alloc(frame.head.readUInt16BE(2));
    }
    const taken = chunk.copy(
      frame.payload,
      frame.length,
      at,
      at + frame.payload.length - frame.length,
    );
    frame.length += taken;
    if (frame.length === frame.payload.length) {
      items.push({ kind: 'frame', channel: frame.head[1] ?? 0, payload: frame.payload });
      this.#frame = undefined;
    }
    return at + taken;
  }
}

/** A request as bytes. Header values must hold no control character: throws `internal`. */
export function writeRequest(
  method: string,
  uri: string,
  headers: readonly (readonly [string, string])[],
): Buffer {
  return Buffer.from(`${line(`${method} ${uri} RTSP/1.0`)}${headerLines(headers)}\r\n`, 'latin1');
}

/** A response as bytes; adds `Content-Length` when there is a body. */
export function writeResponse(
  status: number,
  phrase: string,
  headers: readonly (readonly [string, string])[],
  body?: Buffer,
): Buffer {
  const all =
    body === undefined ? headers : [...headers, ['Content-Length', String(body.length)] as const];
  const head = Buffer.from(
    `${line(`RTSP/1.0 ${String(status)} ${phrase}`)}${headerLines(all)}\r\n`,
    'latin1',
  );
  return body === undefined ? head : Buffer.concat([head, body]);
}

function headerLines(headers: readonly (readonly [string, string])[]): string {
  return headers.map(([name, value]) => line(`${name}: ${value}`)).join('');
}

// One line can never become two, whatever a camera or a person put into a value.
function line(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new AppError('internal', 'a header holds a control character');
  return `${text}\r\n`;
}

function parseHead(text: string): RtspMessage {
  const lines = text.split(/\r?\n/);
  const [start = '', ...rest] = lines;
  const headers = new Headers(parseFields(rest));
  const body = Buffer.alloc(contentLength(headers));
  const response = /^RTSP\/[12]\.\d (\d{3})(?: (.*))?$/.exec(start);
  if (response !== null) {
    const phrase = response[2] ?? '';
    return { kind: 'response', status: Number(response[1]), phrase, headers, body };
  }
  const request = /^([A-Z_]{1,32}) (\S+) RTSP\/[12]\.\d$/.exec(start.trimEnd());
  const [, method, uri] = request ?? [];
  if (method === undefined || uri === undefined) {
    throw new AppError('corrupt', 'neither a request nor a response', { reason: 'corrupt' });
  }
  return { kind: 'request', method, uri, headers, body };
}

function parseFields(lines: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (const text of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(text)) {
      // A folded line continues the field before it (RFC 2326 4.2 by way of RFC 2616 2.2).
      if (last !== undefined) last[1] += ` ${text.trim()}`;
      continue;
    }
    const colon = text.indexOf(':');
    // Lines that are no fields are left out: some cameras write debug text between them.
    if (colon < 1) continue;
    if (fields.length === HEADERS_MAX) throw tooLong('list of headers', HEADERS_MAX);
    fields.push([text.slice(0, colon).trim(), text.slice(colon + 1).trim()]);
  }
  return fields;
}

function contentLength(headers: Headers): number {
  const text = headers.get('Content-Length');
  if (text === undefined) return 0;
  if (!/^\d{1,10}$/.test(text)) {
    throw new AppError('corrupt', 'a Content-Length that is no number', { reason: 'corrupt' });
  }
  const length = Number(text);
  if (length > BODY_MAX_BYTES) throw tooLong('body', BODY_MAX_BYTES);
  return length;
}

function tooLong(what: string, limit: number): AppError {
  return new AppError('exhausted', `a message whose ${what} passes ${String(limit)}`, {
    reason: 'corrupt',
  });
}
