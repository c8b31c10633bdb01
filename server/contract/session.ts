/** Signing in and out. A session is a signed-in browser, never anything of a camera's. */
import { Type, type Static } from '@sinclair/typebox';
import { oneOf, SECRET_FORMAT, strictObject } from './schema.ts';

/** As typed; NFC and length in characters are checked again where it is used. */
export const Username = Type.String({
  minLength: 1,
  // Code units: room for 64 characters whose composed form is shorter than what was sent.
  maxLength: 256,
  description: '1 to 64 characters after NFC; upper and lower case are the same name.',
});

/** Any length up to the limit here; what a new one must fulfil is checked where it is set. */
export const Password = Type.String({
  format: SECRET_FORMAT,
  minLength: 1,
  // Code units before NFC; 256 characters after it is the real limit.
  maxLength: 1024,
  description: 'Checked as typed, after NFC.',
});

/** What a signed-in person may do: everything; see the past; see live and nothing else. */
export const Role = oneOf(['owner', 'member', 'viewer']);

/** See `Role`. */
export type Role = Static<typeof Role>;

/** `POST /api/session`. */
export const SignIn = strictObject({ username: Username, password: Password });

/** See `SignIn`. */
export type SignIn = Static<typeof SignIn>;

/** Who is signed in here. */
export const Session = strictObject({
  user: Type.String({ description: 'The user name.' }),
  role: Role,
  mayExport: Type.Boolean({ description: 'Whether this person may take footage out.' }),
  locked: Type.Boolean({
    description: 'Whether stored footage is closed to this session. Live is not.',
  }),
  liveOnly: Type.Boolean({
    description: 'A wall screen: live and nothing else, until it is signed out.',
  }),
});

/** See `Session`. */
export type Session = Static<typeof Session>;

/** `POST /api/session` answers this. */
export const SignedIn = Type.Object(
  { ...Session.properties, recoveryKey: Type.Optional(Type.String()) },
  {
    additionalProperties: false,
    description: '`recoveryKey`: only where a household was set up before its footage was sealed.',
  },
);

/** See `SignedIn`. */
export type SignedIn = Static<typeof SignedIn>;

/** A password asked again, before something that a stolen cookie alone must not do. */
export const PasswordAgain = strictObject({ password: Password });

/** See `PasswordAgain`. */
export type PasswordAgain = Static<typeof PasswordAgain>;

/** `POST /api/session/password`: another password for who is signed in. */
export const PasswordChange = strictObject({ password: Password, newPassword: Password });

/** See `PasswordChange`. */
export type PasswordChange = Static<typeof PasswordChange>;
