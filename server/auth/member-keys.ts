/** What signing in has to do with the household's keys (server/keys), as an interface. */

import type { AdoptClaim, KeptClaim, UnlockClaim } from '../keys/key-claims.ts';

/** A phone in the list. */
export interface KeptPhone {
  readonly id: string;
  readonly userId: number;
  readonly name: string;
  readonly madeMs: number;
  /** To the hour. */
  readonly usedMs: number;
}

/** Passwords and recovery keys come as bytes, and are zeroed by who is given them. */
export interface MemberKeys {
  /** Makes the household with its first member, before that member's row. Answers the recovery key, to
   * be shown once. */
  create(userId: number, password: Buffer): Promise<Buffer>;
  /** Goes on with the household that is there: by its recovery key, or a password that opens it. Answers
   * the id of the account that is to be made; undefined when neither opens it. No phone stays kept. */
  adopt(claim: AdoptClaim): Promise<number | undefined>;
  /** The same as `create` where there is none; undefined where there is. */
  createMissing(userId: number, password: Buffer): Promise<Buffer | undefined>;
  /** Unlocks stored footage for one session; false when the password opens nothing. `isWanted` is asked
   * last: the session may have ended meanwhile. Throws `locked` when somebody locks meanwhile. */
  unlock(claim: UnlockClaim): Promise<boolean>;
  /** How often it was locked. Looking at a password takes its time, and a lock that comes meanwhile
   * stands: note it before. */
  readonly locks: number;
  /** `waits`: somebody locked since, so its person has to press; `unknown`: it is not kept, or not any
   * more. Throws `locked` like `unlock`. */
  unlockKept(claim: KeptClaim): Promise<'open' | 'waits' | 'unknown'>;
  /** Phones that are kept unlocked. */
  keptPhones(): readonly KeptPhone[];
  /** A phone is kept no longer; false when there is none. `holder`: the session that asks. */
  forgetPhone(id: string, holder: string): Promise<boolean>;
  /** Takes that back for the same session, for a moment; false when it is too late. */
  bringBackPhone(id: string, holder: string): Promise<boolean>;
  isUnlocked(holder: string): boolean;
  /** Throws `locked` unless this session has unlocked; counts as a read of stored footage. */
  requireUnlocked(holder: string): void;
  /** Ends the unlocks of all sessions. */
  lock(): Promise<void>;
  /** Ends the unlocks of sessions that are gone. */
  keepUnlocks(isSignedIn: (holder: string) => boolean): void;
  /** Replaces a lost password; `commit` writes the row. False when name or key are not right. */
  recover(
    input: { recoveryKey: Buffer; userId: number | undefined; password: Buffer },
    commit: () => void,
  ): Promise<boolean>;
  /** From now on footage is sealed to another key. Answers its recovery key, to be shown once. */
  newKey(holder: string): Promise<Buffer>;
  /** Of people who come and go. */
  readonly people: PeopleKeys;
  /** Who can unlock, and how often there was a new key. */
  holders(): { readonly generation: number; readonly userIds: readonly number[] } | undefined;
}

/** Keys of people who come and go. Secrets are bytes, and are zeroed by who is given them. */
export interface PeopleKeys {
  /** Puts a way in under a link's secret. Throws `locked` unless this session has unlocked. */
  invite(input: {
    readonly holder: string;
    readonly invitationId: string;
    readonly secret: Buffer;
  }): Promise<void>;
  /** Makes of it the way in of a person, under their password, in place of what they had; `commit` writes
   * the rows. False when the link carries no key (any more). */
  claim(
    input: {
      readonly invitationId: string;
      readonly secret: Buffer;
      readonly userId: number;
      readonly password: Buffer;
    },
    commit: () => void,
  ): Promise<boolean>;
  /** Puts it under another password; `commit` writes the row. False when the old one opens nothing. */
  changePassword(
    input: { readonly userId: number; readonly password: Buffer; readonly newPassword: Buffer },
    commit: () => void,
  ): Promise<boolean>;
  /** Destroys every way in but those of these people and these links. They are asked for in its turn. */
  keepOnly(wanted: () => WaysIn): Promise<void>;
}

/** Who may have a way in to stored footage. */
export interface WaysIn {
  readonly userIds: ReadonlySet<number>;
  readonly invitationIds: ReadonlySet<string>;
}
