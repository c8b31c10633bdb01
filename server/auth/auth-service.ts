/** Everything the rest of the server asks about people, in one place. */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { Setup } from '../contract/setup.ts';
import type { Role, SignIn } from '../contract/session.ts';
import type { Database } from '../storage/database.ts';
import type { StoredSession } from '../storage/sessions.ts';
import {
  hasUsers,
  insertFirstUser,
  userById,
  userByName,
  type StoredUser,
} from '../storage/users.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { PasswordGrants } from './password-grants.ts';
import type { PasswordHasher } from './password-hasher.ts';
import {
  checkNewPassword,
  checkNewUsername,
  isHashable,
  normalizePassword,
} from './password-rules.ts';
import { sameToken } from './random-token.ts';
import { Sessions } from './sessions.ts';
import type { SetupCode } from './setup-code.ts';

/** Who is asking: a person in one signed-in browser. */
export interface Identity {
  readonly userId: number;
  readonly username: string;
  readonly role: Role;
  /** Names the session without being able to open it: the stored hash, in hex. */
  readonly sessionKey: string;
}

/** A sign-in that worked. */
export interface SignedIn {
  /** For the cookie; nowhere else. */
  readonly token: string;
  readonly username: string;
  readonly role: Role;
}

/** What `AuthService` is made of. */
export interface AuthParts {
  readonly db: Database;
  readonly hasher: PasswordHasher;
  readonly setupCode: SetupCode;
  /** For the collector of metrics; see `loadOrCreateToken`. */
  readonly metricsToken: Secret;
  readonly clock: Clock;
}

/** The account name under which wrong set-up codes are counted; not a possible user name. */
const SETUP_ACCOUNT = '\u0000setup';

/** People, sessions, and what they may do. Errors are AppErrors that a person can read. */
export class AuthService {
  readonly #db: Database;
  readonly #sessions: Sessions;
  readonly #hasher: PasswordHasher;
  readonly #setupCode: SetupCode;
  readonly #metricsToken: Secret;
  readonly #limiter: FailureLimiter;
  readonly #grants: PasswordGrants;
  readonly #clock: Clock;
  readonly #onSessionsEnded = new Set<() => void>();

  constructor(parts: AuthParts) {
    this.#db = parts.db;
    this.#sessions = new Sessions(parts.db, parts.clock, () => {
      for (const listener of [...this.#onSessionsEnded]) listener();
    });
    this.#hasher = parts.hasher;
    this.#setupCode = parts.setupCode;
    this.#metricsToken = parts.metricsToken;
    this.#limiter = new FailureLimiter(parts.clock);
    this.#grants = new PasswordGrants(parts.clock);
    this.#clock = parts.clock;
  }

  /** At start: makes the set-up code, or removes what is left of one. Answers the code to show. */
  async start(): Promise<Secret | undefined> {
    if (this.isSetUp()) {
      await this.#setupCode.removeFile();
      return undefined;
    }
    await this.#setupCode.open();
    return this.#setupCode.code;
  }

  /** Whether the first account exists. */
  isSetUp(): boolean {
    return hasUsers(this.#db);
  }

  /** `conflict` once the first account exists. */
  assertNotSetUp(): void {
    if (this.isSetUp()) {
      throw new AppError('conflict', 'This box has been set up already.', {
        reason: 'already-set-up',
        hint: 'Sign in with the account that was made then.',
      });
    }
  }

  /** Makes the first account, once. `unauthenticated` for a wrong code, `unprocessable` for a name
   * or password that will not do, `conflict` afterwards. */
  async setUp(input: Setup, address: string): Promise<{ username: string; role: Role }> {
    this.assertNotSetUp();
    const attempt = this.#limiter.begin(SETUP_ACCOUNT, address);
    if (!this.#setupCode.matches(input.setupToken)) {
      throw new AppError('unauthenticated', 'The set-up code is not the one of this box.', {
        reason: 'wrong-setup-token',
        hint: 'It is shown where Doorkeep was started, and in the file setup-token of its data folder.',
      });
    }
    attempt.giveBack();
    const username = checkNewUsername(input.username);
    const password = normalizePassword(input.password);
    checkNewPassword(password, username);
    const passwordHash = await this.#hasher.hash(password);
    // The file first: if it cannot be removed nothing has happened yet, and if the power goes after
    // this the next start makes a new one.
    await this.#setupCode.removeFile();
    const createdMs = this.#clock.wallMs();
    insertFirstUser(this.#db, { username, role: 'owner', passwordHash, createdMs });
    this.#setupCode.forget();
    return { username, role: 'owner' };
  }

  /** Signs in and ends the session that the browser had before, so that a planted cookie is worth
   * nothing (ASVS 7.2.4). `unauthenticated`, `throttled` or `exhausted` otherwise. */
  async signIn(input: SignIn, address: string, previous: string | undefined): Promise<SignedIn> {
    const username = input.username.normalize('NFC').trim();
    const user = userByName(this.#db, username);
    const { password } = input;
    await this.#checkPassword({ user, username, password, address, wrong: WRONG_LOGIN });
    if (user === undefined) throw wrongPassword(WRONG_LOGIN);
    if (previous !== undefined) this.#sessions.close(previous);
    const token = this.#sessions.open(user.id);
    return { token, username: user.username, role: user.role };
  }

  /** Who a cookie's value belongs to; undefined when nobody is signed in with it. */
  identify(token: string | undefined): Identity | undefined {
    return this.#identityOf(this.#sessions.find(token));
  }

  /** Whether a session that was there once (`Identity.sessionKey`) still is. Asking counts as being
   * seen: who watches is not idle. */
  isSignedIn(sessionKey: string): boolean {
    return (
      this.#identityOf(this.#sessions.findByHash(Buffer.from(sessionKey, 'hex'))) !== undefined
    );
  }

  /** Tells `listener` at once whenever sessions have ended: signed out, replaced by a new sign-in, run
   * out, or one too many. It asks `isSignedIn` about those it cares for, and must not throw. Answers
   * the function that ends this. */
  onSessionsEnded(listener: () => void): () => void {
    this.#onSessionsEnded.add(listener);
    return () => {
      this.#onSessionsEnded.delete(listener);
    };
  }

  #identityOf(session: StoredSession | undefined): Identity | undefined {
    if (session === undefined) return undefined;
    const user = userById(this.#db, session.userId);
    if (user === undefined) return undefined;
    return {
      userId: user.id,
      username: user.username,
      role: user.role,
      sessionKey: session.tokenHash.toString('hex'),
    };
  }

  /** Ends a session; no error when there was none. */
  signOut(token: string): void {
    this.#sessions.close(token);
  }

  /** Asks for the password of who is signed in once more; throws like `signIn`. */
  async confirmPassword(identity: Identity, password: string, address: string): Promise<void> {
    const user = userById(this.#db, identity.userId);
    const { username } = identity;
    await this.#checkPassword({ user, username, password, address, wrong: WRONG_PASSWORD });
  }

  /** Lets this session fetch one export's file for 15 minutes; call it after `confirmPassword`. */
  grantFile(identity: Identity, exportId: string): void {
    this.#grants.grant(identity.sessionKey, exportId);
  }

  /** `forbidden` unless the password was asked for this file within the last 15 minutes. */
  assertFileGranted(identity: Identity, exportId: string): void {
    if (this.#grants.holds(identity.sessionKey, exportId)) return;
    throw new AppError('forbidden', 'The password is needed again to fetch this file.', {
      reason: 'password-needed',
      hint: 'Send it to …/file-access of this export, then fetch the file within 15 minutes.',
    });
  }

  /** Whether a bearer token is the collector's; constant time. */
  isMetricsToken(token: string): boolean {
    return sameToken(token, this.#metricsToken.reveal());
  }

  /** The same work and the same answer, whether the user exists or not. */
  async #checkPassword(claim: PasswordClaim): Promise<void> {
    const attempt = this.#limiter.begin(claim.username.toLowerCase(), claim.address);
    const password = normalizePassword(claim.password);
    let right: boolean;
    try {
      // What is too long cannot be anybody's; the same work is done on nothing instead.
      right = isHashable(password)
        ? await this.#hasher.verify(claim.user?.passwordHash, password)
        : await this.#hasher.verify(undefined, '');
    } catch (thrown) {
      attempt.giveBack();
      throw thrown;
    }
    if (!right) throw wrongPassword(claim.wrong);
    attempt.giveBack();
  }
}

/** A name and a password, and whose they might be. */
interface PasswordClaim {
  readonly user: StoredUser | undefined;
  readonly username: string;
  readonly password: string;
  readonly address: string;
  /** What is said when they do not belong together. */
  readonly wrong: string;
}

/** Never says which of the two it was. */
const WRONG_LOGIN = 'The user name or the password is not right.';

/** Who is signed in has typed no name. */
const WRONG_PASSWORD = 'The password is not right.';

function wrongPassword(sentence: string): AppError {
  return new AppError('unauthenticated', sentence, {
    reason: 'wrong-password',
    hint: 'Check capital letters and the keyboard layout, then try again.',
  });
}
