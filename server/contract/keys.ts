/** Locking, unlocking, and what to do when a password or a sheet is lost. */
import { Type, type Static } from '@sinclair/typebox';
import { Instant, oneOf, SECRET_FORMAT, strictObject } from './schema.ts';
import { Password, Username } from './session.ts';

/** As printed on the recovery sheet; opens everything, so it is shown once and never stored. */
export const RecoveryKey = Type.String({
  maxLength: 128,
  description: 'AGE-SECRET-KEY-1…: opens all footage, with any age tool as well. Shown once.',
});

/** As a person types it, with spaces and in either case. */
export const TypedRecoveryKey = Type.String({
  format: SECRET_FORMAT,
  minLength: 1,
  maxLength: 256,
});

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

/** `POST /api/unlock`: the password, or nothing but that this phone is kept unlocked. */
export const Unlock = strictObject({
  password: Type.Optional(Password),
  keepAs: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'With the password: keep this browser unlocked, under this name in the list. It gets a ' +
        'cookie that is sent to this route alone.',
    }),
  ),
  kept: Type.Optional(
    oneOf(['silently', 'pressed'], {
      description:
        'Without a password, by that cookie. `silently`: the page asks by itself; after a lock ' +
        'that is 423 with the reason `press-first`. `pressed`: its person did.',
    }),
  ),
});

/** See `Unlock`. */
export type Unlock = Static<typeof Unlock>;

const PhoneId = Type.String({ pattern: '^[0-9a-f]{16}$' });

/** This browser is kept unlocked from now on. */
export const PhoneKept = strictObject({ id: PhoneId });

/** See `PhoneKept`. */
export type PhoneKept = Static<typeof PhoneKept>;

/** A phone, or another browser, that is kept unlocked. */
export const KeptPhone = strictObject({
  id: PhoneId,
  name: Type.String(),
  user: Type.String({ description: 'Whose password kept it.' }),
  madeAt: Instant,
  lastUsedAt: Type.String({ format: 'date-time', description: 'To the hour.' }),
});

/** See `KeptPhone`. */
export type KeptPhone = Static<typeof KeptPhone>;

/** `GET /api/keys`. */
export const KeyHolders = strictObject({
  generation: Type.Integer({
    minimum: 0,
    description: 'How many keys there were, this one included.',
  }),
  holders: Type.Array(Type.String(), { description: 'Whose password opens stored footage.' }),
  keptPhones: Type.Array(KeptPhone, {
    description: 'Which phones open it without a password until they are taken off this list.',
  }),
});

/** See `KeyHolders`. */
export type KeyHolders = Static<typeof KeyHolders>;
