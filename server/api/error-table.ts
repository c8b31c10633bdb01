/** Error kind to HTTP status: the one table. And the few errors that fastify itself can raise. */
import type { ErrorKind } from '../base/errors.ts';

/** How a kind of error is told over HTTP. */
export interface ErrorEntry {
  readonly status: number;
  /** The same words each time (RFC 9457 section 3.1.3). */
  readonly title: string;
  /** Whether the message may be shown. It may not where it can come from below: file names, SQL. */
  readonly shown: boolean;
}

/** Every kind, by construction: a new one does not compile until it stands here. */
export const ERROR_TABLE: Readonly<Record<ErrorKind, ErrorEntry>> = {
  invalid: { status: 400, title: 'The request is not right', shown: true },
  unauthenticated: { status: 401, title: 'Signing in is needed', shown: true },
  forbidden: { status: 403, title: 'This is not allowed', shown: true },
  'not-found': { status: 404, title: 'This does not exist', shown: true },
  conflict: { status: 409, title: 'This cannot be done now', shown: true },
  unprocessable: { status: 422, title: 'This cannot be used', shown: true },
  locked: { status: 423, title: 'The footage is locked', shown: true },
  throttled: { status: 429, title: 'Too many wrong tries', shown: true },
  exhausted: { status: 503, title: 'Doorkeep is busy', shown: true },
  timeout: { status: 504, title: 'This took too long', shown: true },
  corrupt: { status: 500, title: 'Something stored cannot be read', shown: false },
  unavailable: { status: 503, title: 'This is not there right now', shown: true },
  io: { status: 500, title: 'The disk did not do its work', shown: false },
  cancelled: { status: 503, title: 'Doorkeep is stopping', shown: true },
  internal: { status: 500, title: 'Doorkeep made a mistake', shown: false },
};

/** An error of the HTTP layer below the kinds: no other part of the server knows these statuses. */
export interface HttpFault {
  readonly slug: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly hint?: string;
}

const NOT_JSON: HttpFault = {
  slug: 'not-json',
  status: 400,
  title: 'The request is not right',
  detail: 'The body is not JSON.',
};

const WRONG_LENGTH: HttpFault = {
  slug: 'wrong-length',
  status: 400,
  title: 'The request is not right',
  detail: 'The body does not have the length that was announced.',
};

const BAD_ADDRESS: HttpFault = {
  slug: 'bad-address',
  status: 400,
  title: 'The request is not right',
  detail: 'The address holds escapes that stand for nothing.',
};

const ADDRESS_TOO_LONG: HttpFault = {
  slug: 'address-too-long',
  status: 414,
  title: 'The address is too long',
  detail: 'A part of the address is longer than any that exists here.',
};

const TOO_LARGE: HttpFault = {
  slug: 'too-large',
  status: 413,
  title: 'The body is too large',
  detail: 'The body is larger than this route takes.',
};

const NOT_JSON_TYPE: HttpFault = {
  slug: 'media-type',
  status: 415,
  title: 'Only JSON is taken',
  detail: 'The body is not declared as JSON.',
  hint: 'Send Content-Type: application/json.',
};

/** By fastify's error code (node_modules/fastify/lib/errors.js). A Map: the code is a string that
 * comes with an error. */
export const FASTIFY_FAULTS: ReadonlyMap<string, HttpFault> = new Map([
  ['FST_ERR_CTP_INVALID_JSON_BODY', NOT_JSON],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', NOT_JSON],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', WRONG_LENGTH],
  ['FST_ERR_BAD_URL', BAD_ADDRESS],
  ['FST_ERR_MAX_PARAM_LENGTH', ADDRESS_TOO_LONG],
  ['FST_ERR_CTP_BODY_TOO_LARGE', TOO_LARGE],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', NOT_JSON_TYPE],
]);

/** The path exists, the method does not (RFC 9110 15.5.6). */
export const METHOD_NOT_ALLOWED: HttpFault = {
  slug: 'method-not-allowed',
  status: 405,
  title: 'This cannot be done here',
  detail: 'The address exists, but not for this method.',
  hint: 'The header Allow names the methods that do.',
};

/** No byte of the file lies in the range (RFC 9110 15.5.17). */
export const RANGE_NOT_SATISFIABLE: HttpFault = {
  slug: 'range-not-satisfiable',
  status: 416,
  title: 'That part does not exist',
  detail: 'The range begins beyond the end of the file.',
};

/** The route speaks another protocol only (RFC 9110 15.5.22). */
export const UPGRADE_REQUIRED: HttpFault = {
  slug: 'upgrade-required',
  status: 426,
  title: 'This is not for a plain request',
  detail: 'Live pictures come over a WebSocket only.',
  hint: 'Open the address with the scheme ws: or wss:.',
};

/** What node:http refuses before fastify sees a request, by the code of its error. */
export const PARSER_FAULTS: ReadonlyMap<string, HttpFault> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    {
      slug: 'request-timeout',
      status: 408,
      title: 'This took too long',
      detail: 'The request did not arrive in time.',
    },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    {
      slug: 'header-too-large',
      status: 431,
      title: 'The request is not right',
      detail: 'The header is too large.',
    },
  ],
]);

/** Bytes that are not HTTP. */
export const NOT_HTTP: HttpFault = {
  slug: 'not-http',
  status: 400,
  title: 'The request is not right',
  detail: 'What arrived is not HTTP.',
};
