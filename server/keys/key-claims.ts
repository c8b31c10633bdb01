/** Who asks the household’s keys for something, and with what. */

/** A session that wants to unlock. */
export interface Unlocker {
  /** Names the session. */
  readonly holder: string;
  readonly userId: number;
  /** `locks` of the keys when the password was typed. */
  readonly locks: number;
  /** Whether the session is still there. */
  readonly isWanted: () => boolean;
}

/** With a password. */
export interface UnlockClaim extends Unlocker {
  readonly password: Buffer;
  /** This phone is to be kept unlocked from now on. */
  readonly phone?: PhoneToKeep;
  /** What this browser was kept by until now: replaced by `phone`, else it waits for no press any more. */
  readonly kept?: Buffer;
}

/** See `kept-phones.ts`. */
export interface PhoneToKeep {
  readonly id: string;
  readonly name: string;
  /** 32 random bytes; the caller's. */
  readonly secret: Buffer;
}

/** With what a kept phone sends. */
export interface KeptClaim extends Unlocker {
  readonly secret: Buffer;
  /** Its person asked for it; else the page did, by itself. */
  readonly isPressed: boolean;
}

/** Who makes the first account of a household that is there already. */
export interface AdoptClaim {
  readonly password: Buffer;
  readonly recoveryKey: Buffer | undefined;
}
