/** `GET /api/presence`: who looks at live or past right now, message by message. */
import { Type, type Static } from '@sinclair/typebox';
import { oneOf, strictObject } from './schema.ts';

/** Somebody who looks. */
export const PresentViewer = strictObject({
  user: Type.String(),
  wallScreen: Type.Boolean({ description: 'A screen that this person made one.' }),
  what: oneOf(['live', 'past']),
  cameras: Type.Array(Type.String()),
});

/** See `PresentViewer`. */
export type PresentViewer = Static<typeof PresentViewer>;

/** One message: everybody who looks, and whether the past is closed to who is told. */
export const PresenceEvent = strictObject({
  viewers: Type.Array(PresentViewer),
  locked: Type.Boolean(),
});

/** See `PresenceEvent`. */
export type PresenceEvent = Static<typeof PresenceEvent>;
