/** Which Doorkeep this is, and of when. */
import { Type, type Static } from '@sinclair/typebox';
import { oneOf, strictObject } from './schema.ts';

/** What the date is of: the release that is installed, or when set-up compiled this copy, whose sources
 * may be older. `nothing`: there is no date. */
export const DateOf = oneOf(['release', 'compiling', 'nothing']);

/** See `DateOf`. */
export type DateOf = Static<typeof DateOf>;

/** `GET /api/program`. */
export const Program = strictObject({
  version: Type.String({ description: 'The version of Doorkeep.' }),
  date: Type.Union([Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }), Type.Null()], {
    description: 'A day, by UTC; null where it is not known.',
  }),
  dateOf: DateOf,
});

/** See `Program`. */
export type Program = Static<typeof Program>;
