/** Digest and Basic access authentication as an RTSP client (RFC 7616, RFC 7617, RFC 2069). Pure
 * but for the client nonce, which is handed in. */
import { createHash } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';

/** What the owner gave for this camera. */
export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/** One challenge of a `WWW-Authenticate` field; parameter names in lower case. */
export interface Challenge {
  /** Lower case: `digest`, `basic`, or one that nobody here speaks. */
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** More challenges than there are algorithms. */
const CHALLENGES_MAX = 8;

// RFC 7616 3.3, strongest first; the node:crypto name of each hash.
const ALGORITHMS: readonly (readonly [string, string])[] = [
  ['sha-512-256', 'sha512-256'],
  ['sha-256', 'sha256'],
  ['md5', 'md5'],
];

const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;
const PARAM =
  /\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?:,|$)/y;

/** Parses the values of all `WWW-Authenticate` fields; several challenges may share one field. What
 * cannot be read is left out. */
export function parseChallenges(fields: readonly string[]): Challenge[] {
  const challenges: Challenge[] = [];
  for (const field of fields) {
    let at = 0;
    while (at < field.length && challenges.length < CHALLENGES_MAX) {
      TOKEN.lastIndex = at;
      const scheme = TOKEN.exec(field)?.[0];
      if (scheme === undefined) {
        at += 1;
        continue;
      }
      at += scheme.length;
      const params = new Map<string, string>();
      for (;;) {
        PARAM.lastIndex = at;
        const match = PARAM.exec(field);
        const name = match?.[1];
        if (match === null || name === undefined) break;
        const value = match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '';
        params.set(name.toLowerCase(), value);
        at = PARAM.lastIndex;
      }
      challenges.push({ scheme: scheme.toLowerCase(), params });
    }
  }
  return challenges;
}

/** What to do after a 401. */
export type ChallengeOutcome =
  /** Ask again, with `authorization()`. */
  | 'answer'
  /** The answer was refused; trying again would lock the account. */
  | 'wrong-password'
  /** No credentials are stored. */
  | 'password-needed'
  /** It wants the password in clear, which this camera did not before. */
  | 'basic-refused'
  /** It asks in a way that nobody here speaks. */
  | 'unknown-scheme';

/** The authentication of one connection: remembers the challenge, and counts uses of its nonce. */
export class Authenticator {
  readonly #credentials: Credentials | undefined;
  readonly #makeClientNonce: () => string;
  #basicAllowed: boolean;
  #challenge: Challenge | undefined;
  #nonceCount = 0;
  #nonceWorked = false;

  /** `basicAllowed` is false once Digest was seen for this camera. */
  constructor(options: {
    credentials: Credentials | undefined;
    basicAllowed: boolean;
    makeClientNonce: () => string;
  }) {
    this.#credentials = options.credentials;
    this.#basicAllowed = options.basicAllowed;
    this.#makeClientNonce = options.makeClientNonce;
  }

  /** What this connection uses. */
  get scheme(): 'none' | 'basic' | 'digest' {
    if (this.#challenge === undefined) return 'none';
    return this.#challenge.scheme === 'basic' ? 'basic' : 'digest';
  }

  /** The value of `Authorization` for one request, or undefined before any challenge. */
  authorization(method: string, uri: string): string | undefined {
    if (this.#challenge === undefined || this.#credentials === undefined) return undefined;
    if (this.#challenge.scheme === 'basic') return basicAuthorization(this.#credentials);
    this.#nonceCount += 1;
    return digestAuthorization(this.#challenge, {
      credentials: this.#credentials,
      method,
      uri,
      nonceCount: this.#nonceCount,
      clientNonce: this.#makeClientNonce(),
    });
  }

  /** The camera accepted a request that carried `authorization()`. */
  accepted(): void {
    if (this.#challenge !== undefined) this.#nonceWorked = true;
  }

  /**
   * Takes a 401's `WWW-Authenticate` values. `answered`: the refused request carried credentials.
   * They go out again only when their nonce is at fault: `stale=true` (RFC 7616 3.3), or a nonce that
   * worked before was replaced, which is how cameras that do not know `stale` expire it.
   */
  challenged(fields: readonly string[], answered: boolean): ChallengeOutcome {
    const offered = parseChallenges(fields);
    const digest = strongestDigest(offered);
    if (digest !== undefined) this.#basicAllowed = false;
    if (this.#credentials === undefined) return 'password-needed';
    if (digest === undefined) return this.#basicChallenged(offered, answered);
    const nonce = digest.params.get('nonce');
    const replaced = nonce !== this.#challenge?.params.get('nonce');
    const stale = digest.params.get('stale')?.toLowerCase() === 'true';
    if (answered && !(replaced && (stale || this.#nonceWorked))) return 'wrong-password';
    this.#challenge = digest;
    this.#nonceCount = 0;
    this.#nonceWorked = false;
    return 'answer';
  }

  #basicChallenged(offered: readonly Challenge[], answered: boolean): ChallengeOutcome {
    const basic = offered.find((challenge) => challenge.scheme === 'basic');
    if (basic === undefined) return answered ? 'wrong-password' : 'unknown-scheme';
    if (!this.#basicAllowed) return 'basic-refused';
    if (answered) return 'wrong-password';
    this.#challenge = basic;
    return 'answer';
  }
}

/** What one digest is computed over. */
export interface DigestInput {
  readonly credentials: Credentials;
  readonly method: string;
  /** Exactly as on the request line. */
  readonly uri: string;
  /** How often this nonce was used, this time included. */
  readonly nonceCount: number;
  readonly clientNonce: string;
}

/** The `Authorization` value that answers a Digest challenge of a request without a body. */
export function digestAuthorization(challenge: Challenge, input: DigestInput): string {
  const { params } = challenge;
  const written = params.get('algorithm');
  const base = (written ?? 'MD5').toLowerCase().replace(/-sess$/, '');
  const hashName = ALGORITHMS.find(([name]) => name === base)?.[1];
  if (hashName === undefined) throw new AppError('internal', 'a digest without a known algorithm');
  const h = (text: string): string => createHash(hashName).update(text).digest('hex');

  const { username, password } = input.credentials;
  const realm = params.get('realm') ?? '';
  const nonce = params.get('nonce') ?? '';
  const cnonce = input.clientNonce;
  const nc = input.nonceCount.toString(16).padStart(8, '0');
  const qop = chooseQop(params.get('qop'));
  const keyPerNonce = (written ?? '').toLowerCase().endsWith('-sess');

  let ha1 = h(`${username}:${realm}:${password.reveal()}`);
  if (keyPerNonce) ha1 = h(`${ha1}:${nonce}:${cnonce}`);
  const a2 = `${input.method}:${input.uri}`;
  const ha2 = h(qop === 'auth-int' ? `${a2}:${h('')}` : a2);
  const response =
    qop === undefined
      ? h(`${ha1}:${nonce}:${ha2}`)
      : h(`${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);

  const hashUser = params.get('userhash')?.toLowerCase() === 'true';
  const parts = [
    `username=${quoted(hashUser ? h(`${username}:${realm}`) : username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(input.uri)}`,
    `response="${response}"`,
  ];
  if (written !== undefined) parts.push(`algorithm=${written}`);
  if (qop !== undefined) parts.push(`qop=${qop}`, `nc=${nc}`);
  if (qop !== undefined || keyPerNonce) parts.push(`cnonce=${quoted(cnonce)}`);
  const opaque = params.get('opaque');
  if (opaque !== undefined) parts.push(`opaque=${quoted(opaque)}`);
  if (hashUser) parts.push('userhash=true');
  return `Digest ${parts.join(', ')}`;
}

/** The `Authorization` value of Basic, in UTF-8 (RFC 7617 2.1). */
function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;
}

// A camera that offers MD5 and SHA-256 is answered with SHA-256: the order on the wire could be an
// attacker's.
function strongestDigest(offered: readonly Challenge[]): Challenge | undefined {
  const digests = offered.filter(
    ({ scheme, params }) => scheme === 'digest' && params.has('nonce') && params.has('realm'),
  );
  for (const [name] of ALGORITHMS) {
    const found = digests.find(
      ({ params }) =>
        (params.get('algorithm') ?? 'MD5').toLowerCase().replace(/-sess$/, '') === name,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function chooseQop(offered: string | undefined): 'auth' | 'auth-int' | undefined {
  if (offered === undefined) return undefined;
  const values = offered.toLowerCase().split(/[\s,]+/);
  if (values.includes('auth')) return 'auth';
  return values.includes('auth-int') ? 'auth-int' : undefined;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
