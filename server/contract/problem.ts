/** Every error answer of the API: an RFC 9457 problem document, `application/problem+json`. */
import { Type, type Static } from '@sinclair/typebox';
import { strictObject } from './schema.ts';

/** The media type of `Problem` (RFC 9457 section 3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** What happened, in words a person can act on. */
export const Problem = strictObject(
  {
    type: Type.String({
      description: 'Identifies the kind of problem; `urn:doorkeep:problem:` and the kind.',
    }),
    title: Type.String({ description: 'The kind of problem, the same words each time.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What happened this time, as one or two sentences.' }),
    hint: Type.Optional(Type.String({ description: 'What to do next.' })),
    reason: Type.Optional(
      Type.String({ description: 'Machine-readable, stable within its kind: `wrong-password`.' }),
    ),
  },
  { description: 'RFC 9457 problem document.' },
);

/** See `Problem`. */
export type Problem = Static<typeof Problem>;
