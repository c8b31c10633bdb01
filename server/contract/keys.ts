/** Locking, unlocking, and what to do when a password or a sheet is lost. */
import { Type, type Static } from '@sinclair/typebox';
import { strictObject } from './schema.ts';
import { Password, Username } from './session.ts';

/** As printed on the recovery sheet; opens everything, so it is shown once and never stored. */
export const RecoveryKey = Type.String({
  maxLength: 128,
  description: 'AGE-SECRET-KEY-1…: opens all footage, with any age tool as well. Shown once.',
});

/** As a person types it, with spaces and in either case. */
export const TypedRecoveryKey = Type.String({ minLength: 1, maxLength: 256 });

/** `POST /api/recovery`. */
export const Recovery = strictObject({
  username: Username,
  recoveryKey: TypedRecoveryKey,
  newPassword: Password,
});

/** See `Recovery`. */
export type Recovery = Static<typeof Recovery>;

/** A key that was made: to be shown once. */
export const NewKey = strictObject({ recoveryKey: RecoveryKey });

/** See `NewKey`. */
export type NewKey = Static<typeof NewKey>;

/** `GET /api/keys`. */
export const KeyHolders = strictObject({
  generation: Type.Integer({
    minimum: 0,
    description: 'How many keys there were, this one included.',
  }),
  holders: Type.Array(Type.String(), { description: 'Whose password opens stored footage.' }),
});

/** See `KeyHolders`. */
export type KeyHolders = Static<typeof KeyHolders>;
