/** What anybody on the network may know about the box. */
import { Type, type Static } from '@sinclair/typebox';
import { oneOf, strictObject } from './schema.ts';

/** `degraded`: it answers, but something that recording needs is missing (the disk, the index). */
export const HealthStatus = oneOf(['ok', 'degraded']);

/** See `HealthStatus`. */
export type HealthStatus = Static<typeof HealthStatus>;

/** Nothing about the home: no names, no counts, no times. */
export const Health = strictObject({
  status: HealthStatus,
  version: Type.String({ description: 'The version of Doorkeep.' }),
  setUp: Type.Boolean({ description: 'Whether the first account exists.' }),
});

/** See `Health`. */
export type Health = Static<typeof Health>;
