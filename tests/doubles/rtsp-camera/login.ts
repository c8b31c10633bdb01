/** The camera's side of a login: its own reading of RFC 7616, so that it can prove ours wrong. */
import { createHash, randomBytes } from 'node:crypto';

/** How the camera asks for the password. */
export type LoginScheme =
  | 'none'
  | 'basic'
  /** MD5 without qop, as most cameras (RFC 2069). */
  | 'digest'
  /** MD5 and SHA-256, each with qop=auth (RFC 7616). */
  | 'digest-sha256'
  /** Both schemes; Basic first. */
  | 'basic-and-digest';

/** Who may watch. */
export interface LoginAccount {
  username: string;
  password: string;
}

const REALM = 'simulated "camera"';

/** Checks one camera's logins; `expireNonces` makes the next requests answer `stale=true`. */
export class Login {
  scheme: LoginScheme;
  account: LoginAccount;
  /** Logins with a wrong answer: what locks an account on real cameras. */
  failures = 0;
  /** How often the password came in clear. */
  basicAnswers = 0;
  #nonce = randomBytes(16).toString('hex');
  #stale = new Set<string>();

  constructor(scheme: LoginScheme, account: LoginAccount) {
    this.scheme = scheme;
    this.account = account;
  }

  /** From now on another nonce; the one in use is stale. */
  expireNonces(): void {
    this.#stale.add(this.#nonce);
    this.#nonce = randomBytes(16).toString('hex');
  }

  /** The `WWW-Authenticate` values of a 401, or undefined when the request may pass. */
  challenge(method: string, uri: string, authorization: string | undefined): string[] | undefined {
    if (this.scheme === 'none') return undefined;
    if (authorization === undefined) return this.#questions(false);
    const stale = [...this.#stale].some((nonce) => authorization.includes(nonce));
    if (stale) return this.#questions(true);
    if (this.#right(method, uri, authorization)) return undefined;
    this.failures += 1;
    return this.#questions(false);
  }

  #questions(stale: boolean): string[] {
    const realm = `realm="${REALM.replaceAll('"', '\\"')}"`;
    const digest = `Digest ${realm}, nonce="${this.#nonce}"${stale ? ', stale=true' : ''}`;
    switch (this.scheme) {
      case 'none':
        return [];
      case 'basic':
        return [`Basic ${realm}`];
      case 'digest':
        return [digest];
      case 'digest-sha256':
        return [
          `${digest}, qop="auth", algorithm=MD5, opaque="ab=="`,
          `${digest}, qop="auth,auth-int", algorithm=SHA-256`,
        ];
      case 'basic-and-digest':
        return [`Basic ${realm}`, digest];
    }
  }

  #right(method: string, uri: string, authorization: string): boolean {
    const { username, password } = this.account;
    if (authorization.startsWith('Basic ')) {
      this.basicAnswers += 1;
      const expected = Buffer.from(`${username}:${password}`).toString('base64');
      return this.scheme.startsWith('basic') && authorization === `Basic ${expected}`;
    }
    const field = (name: string): string => {
      const value = new RegExp(`[ ,]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^",]*))`).exec(
        authorization,
      );
      return (value?.[1] ?? value?.[2] ?? '').replaceAll(/\\(.)/g, '$1');
    };
    const sha256 = field('algorithm') === 'SHA-256';
    const hash = (text: string): string =>
      createHash(sha256 ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const secret = hash(`${username}:${REALM}:${password}`);
    const request = hash(`${method}:${field('uri')}`);
    const middle = field('qop') === 'auth' ? `:${field('nc')}:${field('cnonce')}:auth` : '';
    return (
      field('nonce') === this.#nonce &&
      field('username') === username &&
      field('uri') === uri &&
      field('response') === hash(`${secret}:${this.#nonce}${middle}:${request}`)
    );
  }
}
