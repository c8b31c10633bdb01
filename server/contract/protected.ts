/** Footage that no rule deletes: only a person's hand ends that. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, strictObject } from './schema.ts';

/** So long a range can be: a holiday, never "everything". */
export const PROTECTED_MAX_DAYS = 31;

/** So many there can be; retention looks at all of them. */
export const PROTECTED_MAX_RANGES = 1_000;

/** `POST /api/protected`: from is included, to is not. */
export const NewProtectedRange = strictObject({ camera: CameraId, from: Instant, to: Instant });

/** See `NewProtectedRange`. */
export type NewProtectedRange = Static<typeof NewProtectedRange>;

/** The answer to it. */
export const ProtectedId = strictObject({
  id: Type.String({ description: '32 hexadecimal digits.' }),
});

/** See `ProtectedId`. */
export type ProtectedId = Static<typeof ProtectedId>;

/** `GET /api/protected`: those that touch [from, to). */
export const ProtectedQuery = strictObject({ camera: CameraId, from: Instant, to: Instant });

/** One of them, as it was asked for. */
export const ProtectedRange = strictObject({
  id: Type.String(),
  from: Instant,
  to: Instant,
  bytes: Type.Integer({
    minimum: 0,
    description: 'Of the files that it touches; two ranges may touch the same.',
  }),
});

/** See `ProtectedRange`. */
export type ProtectedRange = Static<typeof ProtectedRange>;

/** By time. */
export const ProtectedRanges = strictObject({ ranges: Type.Array(ProtectedRange) });

/** See `ProtectedRanges`. */
export type ProtectedRanges = Static<typeof ProtectedRanges>;
