/**
 * The household's keys as the server sees them: the file, the key process, who has unlocked. Steps
 * and invariants: docs/design/keys.md, "Durable order".
 */
import { sealHeader, type SealedHeader } from '../age/header.ts';
import { sealSmallFile } from '../age/small-file.ts';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { encodeDayKey, type DayKey } from './day-key.ts';
import { ForgottenPhone } from './forgotten-phone.ts';
import { readHousehold, setAside, writeHousehold } from './household-file.ts';
import { adoptedWrap } from './adoption.ts';
import { HouseholdPeople } from './household-people.ts';
import { withoutInvited } from './invitations.ts';
import type { AdoptClaim, KeptClaim, PhoneToKeep, UnlockClaim, Unlocker } from './key-claims.ts';
import {
  findPhone,
  phonesOf,
  secretHashOf,
  withAllWaiting,
  withoutPhones,
  withPhone,
  withUse,
} from './kept-phones.ts';
import {
  ASKED_HEADER_MAX_BYTES,
  bufferOf,
  type Household,
  type KeptPhone,
  type KeyRequest,
  type WrapCost,
} from './key-messages.ts';
import { KeyProcess } from './key-process.ts';
import { type AskKeys, AuditQuestions, openDayKeys } from './key-questions.ts';
import { locked, noHousehold } from './refusals.ts';
import { Unlocks } from './unlocks.ts';

/** As for a sign-in (auth/password-hasher.ts): the weaker of the two is what a thief attacks. */
export const WRAP_COST: WrapCost = { memoryKib: 64 * 1024, passes: 3 };

/** What it is made of. */
export interface HouseholdKeysParts {
  /** `DATA/keys/household.json`. */
  readonly path: string;
  readonly boxId: string;
  /** The compiled key-worker.js. */
  readonly entry: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly cost?: WrapCost;
  /** Somebody has unlocked: what waited for a key goes on. */
  readonly onUnlocked?: () => void;
  /** There is a new identity, and the key process holds it now: waited for. Must not throw. */
  readonly onNewIdentity?: () => Promise<void>;
  /** Nobody has unlocked any more: no file key may stay with anybody. */
  readonly onLocked?: () => void;
  /** A session of this person was left unlocked, and has locked by itself. */
  readonly onRanOut?: (userId: number) => void;
  /** How the file is written; tests end the process around it. */
  readonly write?: (path: string, household: Household) => Promise<void>;
}

/** See the head of this file. Passwords and sheets come as bytes and are zeroed here; sheets that are
 * answered are for the caller to zero. */
export class HouseholdKeys {
  readonly #parts: HouseholdKeysParts;
  readonly #cost: WrapCost;
  readonly #unlocks: Unlocks;
  /** Of people who come and go. */
  readonly people: HouseholdPeople;
  readonly #forgotten: ForgottenPhone;
  #household: Household | undefined;
  #process: KeyProcess | undefined;
  /** How often it was locked. */
  #locks = 0;
  /** Kept phones that wait for a press, also while the file could not be told so. */
  readonly #waiting = new Set<string>();
  /** By which phone a session was unlocked. */
  readonly #phones = new Map<string, string>();
  readonly #askOpen: AskKeys = (request) =>
    this.#process === undefined ? Promise.reject(locked()) : this.#askAny(request);
  /** The record's keys. */
  readonly audit = new AuditQuestions(this.#askOpen);
  #turn: Promise<unknown> = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();

  private constructor(parts: HouseholdKeysParts, household: Household | undefined) {
    this.#parts = parts;
    this.#cost = parts.cost ?? WRAP_COST;
    this.#household = household;
    this.#forgotten = new ForgottenPhone(parts.clock);
    this.#unlocks = new Unlocks(parts.clock, {
      onLast: () => {
        this.#endProcess();
      },
      onRanOut: (userId) => parts.onRanOut?.(userId),
    });
    this.people = new HouseholdPeople({
      cost: this.#cost,
      household: () => this.#household,
      ask: (request) => this.#askAny(request),
      write: (household) => {
        this.#forgotten.clear();
        return this.#write(household);
      },
      alone: (secretBytes, work) => this.#alone(secretBytes, work),
      requireUnlocked: (holder) => {
        this.requireUnlocked(holder);
      },
      endPhones: (isKept) => {
        this.#unlocks.keep(
          (holder) => isKept(this.#phones.get(holder) ?? '') || !this.#phones.has(holder),
        );
      },
    });
  }

  /** Reads the file; nothing is started. `conflict` when it is damaged. */
  static async open(parts: HouseholdKeysParts): Promise<HouseholdKeys> {
    return new HouseholdKeys(parts, await readHousehold(parts.path));
  }

  /** What is recorded is sealed to this; undefined before there is a household. */
  get recipient(): string | undefined {
    return this.#household?.recipient;
  }

  /** Somebody has unlocked. */
  get isOpen(): boolean {
    return this.#process !== undefined && this.#unlocks.size > 0;
  }

  /** How often it was locked: whoever takes a password notes it. */
  get locks(): number {
    return this.#locks;
  }

  /** Undefined while nobody has unlocked. */
  get processId(): number | undefined {
    return this.#process?.pid;
  }

  /** Makes a household of one member; a file that is there is set aside (K3). Answers the recovery
   * key, to be shown once. The caller writes the member's row afterwards (K2). */
  create(userId: number, password: Buffer): Promise<Buffer> {
    return this.#alone([password], () => this.#create(userId, password));
  }

  /** The same where there is no household; undefined where there is. Two who ask at once get one. */
  createMissing(userId: number, password: Buffer): Promise<Buffer | undefined> {
    return this.#alone([password], async () =>
      this.#household === undefined ? this.#create(userId, password) : undefined,
    );
  }

  /**
   * Goes on with the household that is there, for a first account that is made anew: with its recovery
   * key, or else with a password that opens it. Answers whose account that is; undefined when neither
   * opens it. Only this way in stays, and no kept phone: whose the others were, nobody knows any more.
   * The caller writes the row afterwards (K2).
   */
  adopt(claim: AdoptClaim): Promise<number | undefined> {
    const { password, recoveryKey } = claim;
    const secrets = recoveryKey === undefined ? [password] : [password, recoveryKey];
    return this.#alone(secrets, async () => {
      const household = this.#household;
      if (household === undefined) return undefined;
      const asking = { ask: (request: KeyRequest) => this.#askAny(request), cost: this.#cost };
      const wrap = await adoptedWrap(household, claim, asking);
      if (wrap === undefined) return undefined;
      const alone = withoutInvited({ ...household, wraps: [wrap] }, () => true);
      await this.#replace(withoutPhones(alone, () => true));
      return wrap.userId;
    });
  }

  async #create(userId: number, password: Buffer): Promise<Buffer> {
    const { boxId, path } = this.#parts;
    const made = await this.#ask(
      { type: 'create', boxId, userId, password, cost: this.#cost },
      'made',
    );
    if (this.#household !== undefined) await setAside(path, this.#household);
    await this.#replace(made.household);
    await this.#parts.onNewIdentity?.();
    return bufferOf(made.recoveryKey);
  }

  /**
   * Unlocks for one session; false when the password opens nothing, or when `isWanted` says that the
   * session has ended meanwhile. `locked` when somebody locked after the password was typed: a lock is
   * for the moment, and what was typed before it must not undo it.
   */
  unlock(claim: UnlockClaim): Promise<boolean> {
    const { holder, userId, password, phone, kept } = claim;
    return this.#alone(kept === undefined ? [password] : [password, kept], async () => {
      if (claim.locks !== this.#locks) {
        // Unless this session has been unlocked again since; a phone is kept by the next password.
        if (phone !== undefined) throw locked();
        this.requireUnlocked(holder);
        return true;
      }
      if (this.#household === undefined) return false;
      const answer = await this.#askAny({
        ...{ type: 'unlock', household: this.#household, userId, password },
        ...(phone && { phoneId: phone.id, phoneSecret: phone.secret }),
      });
      if (answer.type !== 'unlocked') return false;
      await this.#forgetOtherWraps(userId, answer.salt);
      if (phone !== undefined && answer.phone !== undefined) {
        await this.#keep(claim, { ...phone, ...answer.phone });
      }
      if (!this.#begin(claim)) return false;
      if (phone === undefined) await this.#noteTyped(claim);
      return true;
    });
  }

  /** Unlocks with the secret of a kept phone. `unknown`: it is none, or none any more; `waits`: somebody
   * locked since, so its person has to press. Throws `locked` as `unlock` does. */
  unlockKept(claim: KeptClaim): Promise<'open' | 'waits' | 'unknown'> {
    const { holder, userId, secret, isPressed } = claim;
    return this.#alone([secret], async () => {
      const household = this.#household;
      if (claim.locks !== this.#locks) throw locked();
      if (household === undefined) return 'unknown';
      const nowMs = this.#parts.clock.wallMs();
      const phone = findPhone(household, { userId, secret, nowMs });
      if (phone === undefined) return 'unknown';
      if (!isPressed && (phone.waits || this.#waiting.has(phone.id))) return 'waits';
      const answer = await this.#askAny({
        ...{ type: 'unlock-kept', household, phone, phoneSecret: secret },
      });
      if (answer.type !== 'unlocked' || !this.#begin(claim)) return 'unknown';
      this.#phones.set(holder, phone.id);
      await this.#noteUse(phone.id);
      return 'open';
    });
  }

  /** Phones that are kept unlocked. */
  keptPhones(): readonly KeptPhone[] {
    return this.#household === undefined ? [] : phonesOf(this.#household);
  }

  /** A phone is kept no longer, and what it unlocked is locked. False when there is none. */
  forgetPhone(id: string, holder: string): Promise<boolean> {
    return this.#alone([], async () => {
      const phone = this.keptPhones().find((each) => each.id === id);
      if (this.#household === undefined || phone === undefined) return false;
      await this.#write(withoutPhones(this.#household, (each) => each === phone));
      this.#unlocks.keep((other) => this.#phones.get(other) !== id);
      this.#forgotten.note(phone, holder);
      return true;
    });
  }

  /** Takes that back, for the session that did it; false when it is too late. */
  bringBackPhone(id: string, holder: string): Promise<boolean> {
    return this.#alone([], async () => {
      const phone = this.#forgotten.find(id, holder);
      if (this.#household === undefined || phone === undefined) return false;
      await this.#write(withPhone(this.#household, phone));
      this.#forgotten.clear();
      return true;
    });
  }

  #begin({ holder, userId, locks, isWanted }: Unlocker): boolean {
    if (locks !== this.#locks) throw locked();
    if (!isWanted()) return false;
    this.#unlocks.begin(holder, userId);
    this.#phones.delete(holder);
    this.#parts.onUnlocked?.();
    return true;
  }

  async #keep(
    { userId, kept }: UnlockClaim,
    made: PhoneToKeep & Pick<KeptPhone, 'madeAt' | 'member' | 'memberRecipient'>,
  ): Promise<void> {
    if (this.#household === undefined) return;
    const nowMs = this.#parts.clock.wallMs();
    const { secret, ...rest } = made;
    const times = { madeMs: nowMs, usedMs: nowMs, waits: false };
    const phone = { ...rest, ...times, userId, secretHash: secretHashOf(secret) };
    const before = kept && secretHashOf(kept);
    const others = withoutPhones(this.#household, ({ secretHash }) => secretHash === before);
    await this.#write(withPhone(others, phone));
  }

  /** The password was typed on a kept phone. */
  async #noteTyped({ userId, kept }: UnlockClaim): Promise<void> {
    if (this.#household === undefined || kept === undefined) return;
    const nowMs = this.#parts.clock.wallMs();
    const phone = findPhone(this.#household, { userId, secret: kept, nowMs });
    if (phone !== undefined) await this.#noteUse(phone.id);
  }

  #noteUse(id: string): Promise<void> {
    this.#waiting.delete(id);
    return this.#note((household) => withUse(household, id, this.#parts.clock.wallMs()));
  }

  /** For what may be lost: a disk that refuses it refuses nobody the past. */
  async #note(change: (household: Household) => Household): Promise<void> {
    const household = this.#household;
    if (household === undefined) return;
    const after = change(household);
    if (after === household) return;
    await this.#write(after).catch((thrown: unknown) => {
      this.#parts.log.warn(errorFields(thrown), 'the use of a kept phone could not be written');
    });
  }

  async #write(household: Household): Promise<void> {
    await (this.#parts.write ?? writeHousehold)(this.#parts.path, household);
    this.#household = household;
  }

  /** Replaces a lost password. `commit` writes the row, between the two writes of the file. False
   * when the key or the name is not right; the work is the same. */
  recover(
    input: { recoveryKey: Buffer; userId: number | undefined; password: Buffer },
    commit: () => void,
  ): Promise<boolean> {
    const { recoveryKey, password, userId } = input;
    return this.#alone([recoveryKey, password], async () => {
      if (this.#household === undefined) return false;
      const answer = await this.#askAny({
        ...{ type: 'recover', household: this.#household, recoveryKey, password },
        ...{ cost: this.#cost, ...(userId !== undefined && { userId }) },
      });
      if (answer.type !== 'household' || userId === undefined) return false;
      // Whoever knew the lost password may have kept a phone by it.
      await this.#replace(withoutPhones(answer.household, (phone) => phone.userId === userId));
      commit();
      const newest = answer.household.wraps.at(-1);
      if (newest !== undefined) await this.#forgetOtherWraps(userId, newest.salt);
      return true;
    });
  }

  /** New key: what is recorded from now on is sealed to a new identity, and no phone is kept unlocked and
   * no link carries a key any more. `locked` unless this session has unlocked. Answers the new recovery key, to be shown once. */
  newKey(holder: string): Promise<Buffer> {
    return this.#alone([], async () => {
      this.requireUnlocked(holder);
      if (this.#household === undefined) throw locked();
      const made = await this.#ask({ type: 'new-key', household: this.#household }, 'made');
      const linkless = withoutInvited(made.household, () => true);
      await this.#replace(withoutPhones(linkless, () => true));
      await this.#parts.onNewIdentity?.();
      return bufferOf(made.recoveryKey);
    });
  }

  /** Whether this session has unlocked. */
  isUnlocked(holder: string): boolean {
    return this.#process !== undefined && this.#unlocks.holds(holder);
  }

  /** `locked` unless this session has unlocked; counts as a read of stored footage. */
  requireUnlocked(holder: string): void {
    if (!this.isUnlocked(holder)) throw locked();
    this.#unlocks.touch(holder);
  }

  /** Who can unlock, and the number of the key; undefined before there is a household. */
  holders(): { readonly generation: number; readonly userIds: readonly number[] } | undefined {
    if (this.#household === undefined) return undefined;
    const { generation, wraps } = this.#household;
    return { generation, userIds: wraps.map(({ userId }) => userId) };
  }

  /** A new file key, sealed to the household. Throws `io` while there is none: recording waits for it as
   * it waits for a disk. */
  newHeader(): Promise<SealedHeader> {
    if (this.#household !== undefined) return sealHeader([this.#household.recipient]);
    return Promise.reject(noHousehold());
  }

  /** The file key behind an age header. `locked` while nobody has unlocked; ask `requireUnlocked`
   * about the session first. */
  async unwrapFileKey(header: Buffer): Promise<Buffer> {
    if (this.#process === undefined) throw locked();
    const { fileKey } = await this.#ask({ type: 'file-key', header }, 'file-key');
    return bufferOf(fileKey);
  }

  /** Seals a day key to the household; `io` while there is none, as for a file. Works while locked. */
  async sealDayKey(dayKey: DayKey): Promise<Buffer> {
    if (this.#household === undefined) throw noHousehold();
    const secret = encodeDayKey(dayKey);
    try {
      return await sealSmallFile(this.#household.recipient, secret);
    } finally {
      secret.fill(0);
    }
  }

  /** Opens day keys, in order; undefined for what does not open. `locked` while nobody has unlocked. */
  async unwrapDayKeys(sealed: readonly Buffer[]): Promise<(DayKey | undefined)[]> {
    return openDayKeys(this.#askOpen, sealed);
  }

  /** The file key behind the header of a file that may be another box's, with a key that somebody typed;
   * undefined when that does not open it. Nothing of it stays. */
  openHeader(header: Buffer, recoveryKey: Buffer): Promise<Buffer | undefined> {
    return this.#alone([recoveryKey], async () => {
      if (header.length > ASKED_HEADER_MAX_BYTES) return undefined;
      const answer = await this.#askAny({ type: 'open-header', recoveryKey, header });
      if (answer.type !== 'file-key') return undefined;
      return bufferOf(answer.fileKey);
    });
  }

  /** Ends every unlock and the process; resolves when it is gone. Kept phones wait for a press then. */
  async lock(): Promise<void> {
    const [ended, phones] = [this.close(), this.keptPhones()];
    for (const { id } of phones) this.#waiting.add(id);
    await ended;
    if (phones.length > 0) await this.#alone([], () => this.#note(withAllWaiting));
  }

  /** The same at the end of the server, which is nobody's wish to lock. */
  async close(): Promise<void> {
    this.#locks += 1;
    this.#unlocks.clear();
    this.#forgotten.clear();
    this.#endProcess();
    await this.#ending;
  }

  /** Ends the unlocks of sessions that are gone. */
  keepUnlocks(isSignedIn: (holder: string) => boolean): void {
    this.#unlocks.keep(isSignedIn);
  }

  async #replace(household: Household): Promise<void> {
    await this.#write(household);
    this.#forgotten.clear();
    // The file is what counts: a process that is gone by now is a locked box, not a failure.
    await this.#process?.ask({ type: 'adopt' }).catch((thrown: unknown) => {
      this.#parts.log.warn(errorFields(thrown), 'the key process ended before it used a new key');
    });
  }

  /** Step 4 of a password change, now or when it was missed. A disk that refuses it refuses nobody the
   * past: the older wrap stays until the next unlock. */
  async #forgetOtherWraps(userId: number, salt: string): Promise<void> {
    const household = this.#household;
    if (household === undefined) return;
    const wraps = household.wraps.filter((wrap) => wrap.userId !== userId || wrap.salt === salt);
    if (wraps.length === household.wraps.length) return;
    const changed = { ...household, wraps };
    await this.#write(changed).catch((thrown: unknown) => {
      this.#parts.log.warn(errorFields(thrown), 'a replaced password stays until the next unlock');
    });
  }

  async #ask<T extends 'made' | 'file-key'>(request: KeyRequest, wanted: T) {
    const answer = await this.#askAny(request);
    if (answer.type !== wanted) throw new AppError('internal', 'the key process answered oddly');
    return answer as Extract<typeof answer, { type: T }>;
  }

  #askAny(request: KeyRequest) {
    this.#process ??= KeyProcess.start({
      entry: this.#parts.entry,
      clock: this.#parts.clock,
      onGone: () => {
        this.#process = undefined;
        this.#unlocks.clear();
        this.#parts.onLocked?.();
        this.#parts.log.error({}, 'the key process ended by itself: every session is locked');
      },
    });
    return this.#process.ask(request);
  }

  /** One change at a time; a process that nobody has unlocked does not stay. */
  #alone<T>(secretBytes: readonly Buffer[], work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work).finally(() => {
      for (const bytes of secretBytes) bytes.fill(0);
      if (this.#unlocks.size === 0) this.#endProcess();
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #endProcess(): void {
    this.#phones.clear();
    const ending = this.#process?.end();
    this.#process = undefined;
    this.#parts.onLocked?.();
    if (ending !== undefined) this.#ending = ending;
  }
}
