/** The few schema shapes that every noun of the contract is made of. */
import { Type, type Static, type TObject, type TProperties, type TUnsafe } from '@sinclair/typebox';

/** What a schema says about itself in the API description. */
export interface SchemaNotes {
  description?: string;
}

/** An object that refuses unknown fields: a misspelt field is a 400, never silently dropped. */
export function strictObject<P extends TProperties>(
  properties: P,
  notes: SchemaNotes = {},
): TObject<P> {
  return Type.Object(properties, { ...notes, additionalProperties: false });
}

/** One of a closed list of strings. JSON Schema `enum`, because `anyOf` of constants reads badly in
 * an error ("must be equal to one of the allowed values" is what a person needs). */
export function oneOf<const T extends readonly string[]>(
  values: T,
  notes: SchemaNotes = {},
): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ ...notes, type: 'string', enum: [...values] });
}

/** The format (OpenAPI's) of passwords and keys of the household: as a member of a body they reach the
 * server as bytes, never as a string (api/secret-bodies.ts). */
export const SECRET_FORMAT = 'password';

/** A wall-clock instant: RFC 3339 `date-time`. Answers are in UTC; requests may carry an offset. */
export const Instant = Type.String({
  format: 'date-time',
  maxLength: 40,
  description: 'RFC 3339 date and time, for example 2026-11-22T15:04:05.123Z.',
});

/** See `Instant`. */
export type Instant = Static<typeof Instant>;
