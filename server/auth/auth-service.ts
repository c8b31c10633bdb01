/** Everything the rest of the server asks about people, in one place. */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { epochMs, toRfc3339 } from '../base/time.ts';
import type { KeyHolders } from '../contract/keys.ts';
import type { UnlockClaim } from '../keys/key-claims.ts';
import type { Database } from '../storage/database.ts';
import type { StoredSession } from '../storage/sessions.ts';
import {
  camerasOfUser,
  hasUsers,
  insertFirstUser,
  updatePasswordHash,
  userById,
  userByName,
  type StoredUser,
} from '../storage/users.ts';
import type { Rights } from './access.ts';
import { AccessTokens } from './access-tokens.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { KeptPhones } from './kept-phones.ts';
import type { MemberKeys } from './member-keys.ts';
import { PasswordCheck } from './password-check.ts';
import { PasswordGrants } from './password-grants.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { checkNewPassword, checkNewUsername, normalizePassword } from './password-rules.ts';
import { People } from './people.ts';
import {
  householdThere,
  opensNothing,
  WRONG_LOGIN,
  WRONG_PASSWORD,
  wrongPassword,
  wrongRecovery,
  wrongSetupCode,
  wrongSheet,
} from './refusals.ts';
import { Sessions } from './sessions.ts';
import type { SetupCode } from './setup-code.ts';
import type { SetUpDone, SignedIn, TypedRecovery, TypedSetup, TypedSignIn } from './typed.ts';
import { zeroing } from './zeroing.ts';

/** Who is asking: a person in one signed-in browser, and what they may do now. */
export interface Identity extends Rights {
  readonly userId: number;
  readonly username: string;
  /** Names the session without being able to open it: the stored hash, in hex. */
  readonly sessionKey: string;
  /** A wall screen (`makeLiveOnly`). */
  readonly isLiveOnly: boolean;
}

/** What `AuthService` is made of. */
export interface AuthParts {
  readonly db: Database;
  readonly hasher: PasswordHasher;
  readonly setupCode: SetupCode;
  readonly keys: MemberKeys;
  /** For the collector of metrics; see `loadOrCreateToken`. */
  readonly metricsToken: Secret;
  /** Writes another one in its place. */
  readonly renewMetricsToken?: () => Promise<Secret>;
  readonly clock: Clock;
  /** Whether footage lies there that the household's keys may open. */
  readonly hasFootage?: () => Promise<boolean>;
}

/** The account name under which wrong set-up codes are counted; not a possible user name. */
const SETUP_ACCOUNT = '\u0000setup';

/** The first row; its keys are made before it. */
const FIRST_USER_ID = 1;

/** People, sessions, and what they may do. Errors are AppErrors that a person can read. */
export class AuthService {
  readonly #db: Database;
  readonly #sessions: Sessions;
  readonly #hasher: PasswordHasher;
  readonly #setupCode: SetupCode;
  readonly #keys: MemberKeys;
  readonly #limiter: FailureLimiter;
  readonly #passwords: PasswordCheck;
  readonly #grants: PasswordGrants;
  readonly #clock: Clock;
  readonly #hasFootage: () => Promise<boolean>;
  /** Phones that open the past without a password. */
  readonly kept: KeptPhones;
  /** The household, and the links by which people come in. */
  readonly people: People;
  /** Rights of programs. */
  readonly tokens: AccessTokens;
  readonly #onSessionsEnded = new Set<() => void>();
  readonly #onAccessChanged = new Set<() => void>();
  #settingUp: Promise<unknown> = Promise.resolve();

  constructor(parts: AuthParts) {
    this.#db = parts.db;
    this.#sessions = new Sessions(parts.db, parts.clock, () => {
      for (const listener of [...this.#onSessionsEnded]) listener();
      this.#accessChanged();
    });
    this.#hasher = parts.hasher;
    this.#setupCode = parts.setupCode;
    this.#keys = parts.keys;
    this.kept = new KeptPhones({ keys: parts.keys, mayUnlock: (key) => this.#mayUnlock(key) });
    this.#limiter = new FailureLimiter(parts.clock);
    this.#passwords = new PasswordCheck(parts.hasher, this.#limiter);
    this.tokens = new AccessTokens(parts);
    this.people = new People({
      ...{ db: parts.db, clock: parts.clock, keys: parts.keys, hasher: parts.hasher },
      ...{ sessions: this.#sessions, limiter: this.#limiter, passwords: this.#passwords },
      changed: () => {
        this.#accessChanged();
      },
    });
    this.#grants = new PasswordGrants(parts.clock);
    this.#clock = parts.clock;
    this.#hasFootage = parts.hasFootage ?? (() => Promise.resolve(false));
  }

  /** At start: makes the set-up code, or removes what is left of one. Answers the code to show. */
  async start(): Promise<Secret | undefined> {
    if (this.isSetUp()) {
      await this.#setupCode.removeFile();
      await this.people.start();
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

  /** Makes the household's keys and the first account, once. `unauthenticated` for a wrong code,
   * `unprocessable` for a name or password that will not do, `conflict` afterwards. Two that come
   * together are done one after the other: each would show a sheet, and one would open nothing. */
  setUp(input: TypedSetup, address: string): Promise<SetUpDone> {
    const password = normalizePassword(input.password);
    const { recoveryKey } = input;
    const secretBytes = recoveryKey === undefined ? [password] : [password, recoveryKey];
    const result = this.#settingUp.then(() =>
      zeroing(secretBytes, () => this.#setUp({ ...input, password }, address)),
    );
    this.#settingUp = result.catch(() => undefined);
    return result;
  }

  /** Does something in the place of the set-up, which is a restore: `conflict` once there is an account,
   * and not while one is being made. When it has worked, no code makes an account any more. */
  insteadOfSetUp<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#settingUp.then(async () => {
      this.assertNotSetUp();
      const done = await work();
      this.#setupCode.forget();
      return done;
    });
    this.#settingUp = result.catch(() => undefined);
    return result;
  }

  /** `unauthenticated` for a wrong set-up code, which is counted; `conflict` once it is used. */
  checkSetupCode(code: string, address: string): void {
    this.assertNotSetUp();
    const attempt = this.#limiter.begin(SETUP_ACCOUNT, address);
    if (!this.#setupCode.matches(code)) {
      throw wrongSetupCode();
    }
    attempt.giveBack();
  }

  async #setUp(input: TypedSetup, address: string): Promise<SetUpDone> {
    this.checkSetupCode(input.setupToken, address);
    const username = checkNewUsername(input.username);
    const { password } = input;
    checkNewPassword(password, username);
    const passwordHash = await this.#hasher.hash(password);
    const knownId = await this.#adopt(input);
    // The file first: if it cannot be removed nothing has happened yet, and if the power goes after
    // this the next start makes a new one.
    await this.#setupCode.removeFile();
    // docs/design/keys.md, "Creation": the keys, then the row that depends on them.
    const recoveryKey =
      knownId === undefined
        ? await this.#keys.create(FIRST_USER_ID, Buffer.from(password))
        : undefined;
    const createdMs = this.#clock.wallMs();
    const id = knownId ?? FIRST_USER_ID;
    const user = { id, username, role: 'owner', passwordHash, createdMs } as const;
    insertFirstUser(this.#db, user);
    this.#setupCode.forget();
    return { username, role: 'owner', recoveryKey };
  }

  /** docs/design/keys.md, "Adoption": the account of a household that goes on; undefined where another
   * one is to be made. `conflict` when what was typed does not open it. */
  async #adopt({ password, recoveryKey, startAnew }: TypedSetup): Promise<number | undefined> {
    const isThere = this.#keys.holders() !== undefined && (await this.#hasFootage());
    if (!isThere || startAnew === true) return undefined;
    const id = await this.#keys.adopt({ password: Buffer.from(password), recoveryKey });
    if (id !== undefined) return id;
    throw recoveryKey === undefined ? householdThere() : wrongSheet();
  }

  /** Signs in and ends the session that the browser had before, so that a planted cookie is worth
   * nothing (ASVS 7.2.4). `unauthenticated`, `throttled` or `exhausted` otherwise. */
  signIn(input: TypedSignIn, address: string, previous: string | undefined): Promise<SignedIn> {
    const password = normalizePassword(input.password);
    return zeroing([password], () => this.#signIn({ ...input, password }, address, previous));
  }

  async #signIn(
    { username: typedName, password }: TypedSignIn,
    address: string,
    previous: string | undefined,
  ): Promise<SignedIn> {
    const username = typedName.normalize('NFC').trim();
    const user = userByName(this.#db, username);
    const { locks } = this.#keys;
    await this.#passwords.check({ user, username, password, address, wrong: WRONG_LOGIN });
    if (user === undefined) throw wrongPassword(WRONG_LOGIN);
    if (previous !== undefined) this.#sessions.close(previous);
    const token = this.#sessions.open(user.id);
    const opened = await this.#openKeys(token, { userId: user.id, typed: password, locks });
    const { role, mayExport } = user;
    return { token, username: user.username, role, mayExport, ...opened };
  }

  /** Unlocks for who signs in. Whoever signs in may watch live, whatever became of the keys. */
  async #openKeys(
    token: string,
    { userId, typed, locks }: { userId: number; typed: Buffer; locks: number },
  ): Promise<Pick<SignedIn, 'locked' | 'recoveryKey'>> {
    const identity = this.identify(token);
    // A viewer holds no key, so there is nothing to try.
    if (identity === undefined || identity.role === 'viewer') {
      return { locked: true, recoveryKey: undefined };
    }
    let recoveryKey: Buffer | undefined;
    try {
      // A box that was set up before its footage was sealed.
      if (identity.role === 'owner') {
        recoveryKey = await this.#keys.createMissing(userId, Buffer.from(typed));
      }
      return { locked: !(await this.#unlock(identity, { typed, locks })), recoveryKey };
    } catch {
      // What went wrong is told where footage is asked for: at the next unlock.
      return { locked: true, recoveryKey };
    }
  }

  /** `locks` is from when the password was typed. */
  #unlock(
    { sessionKey, userId }: Identity,
    {
      typed,
      locks,
      ...phones
    }: { typed: Buffer; locks: number } & Pick<UnlockClaim, 'phone' | 'kept'>,
  ): Promise<boolean> {
    const isWanted = (): boolean => this.#mayUnlock(sessionKey);
    const password = Buffer.from(typed);
    return this.#keys.unlock({ holder: sessionKey, userId, password, locks, isWanted, ...phones });
  }

  /** Unlocks stored footage for who is signed in. Throws like `signIn`; `conflict` when the password is
   * right and opens nothing, `locked` when somebody locked meanwhile. `phone`: this browser is kept
   * unlocked from now on (`kept.prepare`); `kept`: it was until now, by this. */
  async unlock(
    identity: Identity,
    { password: typed, ...phones }: Pick<UnlockClaim, 'password' | 'phone' | 'kept'>,
    address: string,
  ): Promise<void> {
    const { locks } = this.#keys;
    const password = normalizePassword(typed);
    const opened = await zeroing([password], async () => {
      await this.#confirm(identity, password, address);
      return this.#unlock(identity, { typed: password, locks, ...phones });
    });
    if (opened) return;
    throw opensNothing();
  }

  #mayUnlock(sessionKey: string): boolean {
    const userId = this.#sessions.unlockerOf(Buffer.from(sessionKey, 'hex'));
    const user = userId === undefined ? undefined : userById(this.#db, userId);
    return user !== undefined && user.role !== 'viewer';
  }

  /** Makes this browser a wall screen: it watches live and does nothing else until it is signed out. */
  makeLiveOnly({ sessionKey }: Identity): void {
    this.#sessions.makeLiveOnly(Buffer.from(sessionKey, 'hex'));
    this.#keys.keepUnlocks((key) => this.#mayUnlock(key));
  }

  /** Whether stored footage is closed to this session. */
  isLocked(identity: Identity): boolean {
    return !this.#keys.isUnlocked(identity.sessionKey);
  }

  /** `locked` unless this session has unlocked. */
  assertUnlocked(identity: Identity): void {
    this.#keys.requireUnlocked(identity.sessionKey);
  }

  /** Locks, for everybody at once. */
  lock(): Promise<void> {
    return this.#keys.lock();
  }

  /** New key, after the password was typed again. Answers its recovery key, to be shown once. */
  async newKey(identity: Identity, password: Buffer, address: string): Promise<Buffer> {
    await this.confirmPassword(identity, password, address);
    const recoveryKey = await this.#keys.newKey(identity.sessionKey);
    this.people.keyWasRenewed();
    return recoveryKey;
  }

  /** Who can unlock stored footage, and which phones are kept unlocked: of somebody who is not the owner,
   * their own. */
  keyHolders({ role, userId: asking }: Identity): KeyHolders {
    const { generation = 0, userIds = [] } = this.#keys.holders() ?? {};
    const names = userIds.flatMap((id) => userById(this.#db, id)?.username ?? []);
    const phones = this.kept.list().filter((phone) => role === 'owner' || phone.userId === asking);
    const keptPhones = phones.map(({ id, name, userId, madeMs, usedMs }) => ({
      ...{ id, name, user: userById(this.#db, userId)?.username ?? '' },
      ...{ madeAt: toRfc3339(epochMs(madeMs)), lastUsedAt: toRfc3339(epochMs(usedMs)) },
    }));
    return { generation, holders: [...new Set(names)], keptPhones };
  }

  /** Replaces a lost password by the recovery sheet, and signs that person out everywhere. The same
   * work and the same answer, whichever of name and key is not right. */
  recover(input: TypedRecovery, address: string): Promise<void> {
    const newPassword = normalizePassword(input.newPassword);
    const secretBytes = [newPassword, input.recoveryKey];
    return zeroing(secretBytes, () => this.#recover({ ...input, newPassword }, address));
  }

  async #recover(input: TypedRecovery, address: string): Promise<void> {
    const username = input.username.normalize('NFC').trim();
    const { newPassword: password, recoveryKey } = input;
    checkNewPassword(password, username);
    const attempt = this.#limiter.begin(username.toLowerCase(), address);
    const named = userByName(this.#db, username);
    // A viewer holds no key, and gets none by another's sheet.
    const user = named?.role === 'viewer' ? undefined : named;
    let recovered: boolean;
    try {
      const passwordHash = await this.#hasher.hash(password);
      recovered = await this.#keys.recover({ recoveryKey, userId: user?.id, password }, () => {
        if (user === undefined) return;
        updatePasswordHash(this.#db, user.id, passwordHash);
        // With the password: whatever fails afterwards, nobody stays signed in by the old one.
        this.#sessions.closeAllOf(user.id);
      });
    } catch (thrown) {
      // What the box could not do is no wrong try.
      attempt.giveBack();
      throw thrown;
    }
    if (!recovered) throw wrongRecovery();
    attempt.giveBack();
  }

  /** Who a cookie's value belongs to; undefined when nobody is signed in with it. */
  identify(token: string | undefined): Identity | undefined {
    return this.#identityOf(this.#sessions.find(token));
  }

  /** Whether a session that was there once (`Identity.sessionKey`) still is. Asking counts as being
   * seen: who watches is not idle. */
  isSignedIn(sessionKey: string): boolean {
    return this.identityOf(sessionKey) !== undefined;
  }

  /** What the person of such a session may do now; undefined when it has ended. Asking counts, too. */
  identityOf(sessionKey: string): Identity | undefined {
    return this.#identityOf(this.#sessions.findByHash(Buffer.from(sessionKey, 'hex')));
  }

  /** What a person may do now; undefined for who is gone. */
  rightsOf(userId: number): Rights | undefined {
    const user = userById(this.#db, userId);
    return user && this.#rightsOf(user);
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

  /** The same, and whenever somebody's role or cameras have become others: whoever serves somebody for
   * longer than one request asks `identityOf` again. */
  onAccessChanged(listener: () => void): () => void {
    this.#onAccessChanged.add(listener);
    return () => {
      this.#onAccessChanged.delete(listener);
    };
  }

  #accessChanged(): void {
    this.#keys.keepUnlocks((key) => this.#mayUnlock(key));
    for (const listener of [...this.#onAccessChanged]) listener();
  }

  #identityOf(session: StoredSession | undefined): Identity | undefined {
    if (session === undefined) return undefined;
    const user = userById(this.#db, session.userId);
    if (user === undefined) return undefined;
    return {
      userId: user.id,
      username: user.username,
      ...this.#rightsOf(user),
      sessionKey: session.tokenHash.toString('hex'),
      isLiveOnly: session.isLiveOnly,
    };
  }

  #rightsOf({ id, role, mayExport, allCameras }: StoredUser): Rights {
    const cameras = allCameras ? 'all' : new Set(camerasOfUser(this.#db, id));
    return { role, mayExport, cameras };
  }

  /** Ends a session; no error when there was none. */
  signOut(token: string): void {
    this.#sessions.close(token);
  }

  /** Asks for the password of who is signed in once more; throws like `signIn`. */
  confirmPassword(identity: Identity, typed: Buffer, address: string): Promise<void> {
    const password = normalizePassword(typed);
    return zeroing([password], () => this.#confirm(identity, password, address));
  }

  async #confirm(identity: Identity, password: Buffer, address: string): Promise<void> {
    const user = userById(this.#db, identity.userId);
    const { username } = identity;
    await this.#passwords.check({ user, username, password, address, wrong: WRONG_PASSWORD });
  }

  /** Lets this session fetch one file (an export's, a backup) for 15 minutes; call it after
   * `confirmPassword`. */
  grantFile(identity: Identity, fileId: string): void {
    this.#grants.grant(identity.sessionKey, fileId);
  }

  /** `forbidden` unless the password was asked for this file within the last 15 minutes. */
  assertFileGranted(identity: Identity, fileId: string): void {
    if (this.#grants.holds(identity.sessionKey, fileId)) return;
    throw new AppError('forbidden', 'The password is needed again to fetch this file.', {
      reason: 'password-needed',
      hint: 'Type it again for this file, then fetch the file within 15 minutes.',
    });
  }
}
