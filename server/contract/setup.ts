/** The first account, made once with the code that only the box itself shows. */
import { Type, type Static } from '@sinclair/typebox';
import { RecoveryKey } from './keys.ts';
import { SECRET_FORMAT, strictObject } from './schema.ts';
import { Password, Role, Username } from './session.ts';

/** `POST /api/setup`. */
export const Setup = strictObject({
  setupToken: Type.String({
    minLength: 1,
    maxLength: 128,
    description: 'The one-time code from the log of the first start or DATA/setup-token.',
  }),
  username: Username,
  password: Password,
  recoveryKey: Type.Optional(
    Type.String({
      format: SECRET_FORMAT,
      maxLength: 256,
      description: 'Where footage is there already: the sheet of its household.',
    }),
  ),
  startAnew: Type.Optional(
    Type.Boolean({ description: 'Make another household: what is recorded stays closed.' }),
  ),
});

/** See `Setup`. */
export type Setup = Static<typeof Setup>;

/** The account that was made. Signing in is a step of its own. */
export const SetupDone = strictObject(
  {
    user: Type.String({ description: 'The user name.' }),
    role: Role,
    /** Left out where a household goes on: its sheet stays right. */
    recoveryKey: Type.Optional(RecoveryKey),
  },
  { description: 'The first account, and the key of the recovery sheet.' },
);

/** See `SetupDone`. */
export type SetupDone = Static<typeof SetupDone>;
