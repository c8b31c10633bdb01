/** Rights of programs that the owner gives by hand. None opens anything that is stored. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, oneOf, strictObject } from './schema.ts';
import { Password } from './session.ts';

/** `metrics`: counters. `live-picture`: a picture of now of one camera, at most one a second. */
export const TokenScope = oneOf(['metrics', 'live-picture']);

/** See `TokenScope`. */
export type TokenScope = Static<typeof TokenScope>;

/** What the owner calls a program. */
const TokenName = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' });

/** `POST /api/tokens`. */
export const NewToken = strictObject({
  name: TokenName,
  scope: TokenScope,
  camera: Type.Optional(CameraId),
  password: Password,
});

/** See `NewToken`. */
export type NewToken = Static<typeof NewToken>;

/** A right that a program has. */
export const AccessToken = strictObject({
  id: Type.String({
    description: '16 hexadecimal digits; `file` for the token in DATA/keys/metrics-token.',
  }),
  name: Type.String(),
  scope: TokenScope,
  camera: Type.Union([CameraId, Type.Null()]),
  createdAt: Type.Union([Instant, Type.Null()], { description: 'null: with the data folder.' }),
  lastUsedAt: Type.Union([Instant, Type.Null()], { description: 'To the minute; null: never.' }),
});

/** See `AccessToken`. */
export type AccessToken = Static<typeof AccessToken>;

/** `GET /api/tokens`. */
export const AccessTokens = strictObject({ tokens: Type.Array(AccessToken) });

/** See `AccessTokens`. */
export type AccessTokens = Static<typeof AccessTokens>;

/** A token that was made: to be shown once, because only its hash is kept. */
export const MadeToken = strictObject({
  id: Type.String(),
  token: Type.String({ description: 'For `Authorization: Bearer …`. Shown once.' }),
});

/** See `MadeToken`. */
export type MadeToken = Static<typeof MadeToken>;
