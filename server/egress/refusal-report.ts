/** What the guard of a forked process tells the server's. */
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { REFUSED_WAYS, TO_MAX_CHARS } from './refusals.ts';

/** Strict: whatever else comes is for whoever owns the pipe. */
const RefusalReport = Type.Object(
  {
    refused: Type.Object(
      {
        way: Type.Union(REFUSED_WAYS.map((way) => Type.Literal(way))),
        to: Type.String({ maxLength: TO_MAX_CHARS }),
        reason: Type.String({ maxLength: TO_MAX_CHARS }),
        who: Type.Unknown(),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** See the head of this file. Who it was is for the receiver to say: it knows whose pipe it is. */
export type RefusalReport = Static<typeof RefusalReport>;

/** Whether a message of a process of ours is one. */
export function isRefusalReport(message: unknown): message is RefusalReport {
  return Value.Check(RefusalReport, message);
}
