/** The doorstep window: the last rings and visits, for whoever may see live. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, oneOf, strictObject } from './schema.ts';

/** What happened: somebody rang, or somebody was there. */
export const DoorstepKind = oneOf(['ring', 'visit']);

/** See `DoorstepKind`. */
export type DoorstepKind = Static<typeof DoorstepKind>;

/** One moment; its picture and its ten seconds have addresses of their own. */
export const DoorstepMoment = strictObject({
  id: Type.String({ description: '16 hexadecimal digits.' }),
  camera: CameraId,
  at: Instant,
  kind: DoorstepKind,
});

/** See `DoorstepMoment`. */
export type DoorstepMoment = Static<typeof DoorstepMoment>;

/** Newest first, at most 20 and at most ten minutes old. */
export const DoorstepList = strictObject({ moments: Type.Array(DoorstepMoment) });

/** See `DoorstepList`. */
export type DoorstepList = Static<typeof DoorstepList>;
