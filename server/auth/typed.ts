/** What people type to get in, and what they get. */
import type { Role } from '../contract/session.ts';

/** What is typed at a sign-in. Passwords and recovery keys are bytes everywhere here, and whoever is
 * given them zeroes them. */
export interface TypedSignIn {
  readonly username: string;
  readonly password: Buffer;
}

/** What is typed at set-up. */
export interface TypedSetup extends TypedSignIn {
  readonly setupToken: string;
  /** Of the household that is there already. */
  readonly recoveryKey?: Buffer | undefined;
  readonly startAnew?: boolean | undefined;
}

/** What is typed with the recovery sheet. */
export interface TypedRecovery {
  readonly username: string;
  readonly recoveryKey: Buffer;
  readonly newPassword: Buffer;
}

/** A sign-in that worked. */
export interface SignedIn {
  /** For the cookie; nowhere else. */
  readonly token: string;
  readonly username: string;
  readonly role: Role;
  readonly mayExport: boolean;
  /** The keys could not be opened: live goes on, the past waits. */
  readonly locked: boolean;
  /** A household was made, because there was none: to be shown once. */
  readonly recoveryKey: Buffer | undefined;
}

/** The first account, and what is shown once. */
export interface SetUpDone {
  readonly username: string;
  readonly role: Role;
  /** Undefined where a household goes on: its sheet stays right. */
  readonly recoveryKey: Buffer | undefined;
}

/** What is typed behind a link. */
export interface TypedClaim {
  /** As it stands in the link; zeroed. */
  readonly secret: Buffer;
  /** Of a new person. */
  readonly username: string | undefined;
  readonly password: Buffer;
}
