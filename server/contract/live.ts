/** Live pictures over a WebSocket: `GET /api/cameras/{id}/live`. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraState, CameraStateReason } from './camera.ts';
import { oneOf, strictObject } from './schema.ts';

/** Which of a camera's pictures; a camera without a sub-stream serves `main` for both. */
export const StreamName = oneOf(['main', 'sub']);

/** See `StreamName`. */
export type StreamName = Static<typeof StreamName>;

/** The query of the route; strings, because a query is text. */
export const LiveQuery = strictObject({
  stream: Type.Optional(StreamName),
  audio: Type.Optional(
    oneOf(['0', '1'], { description: '1: with sound, where the camera sends it and it is on.' }),
  ),
});

/** See `LiveQuery`. */
export type LiveQuery = Static<typeof LiveQuery>;

/**
 * A run begins. The next binary message is its init segment, those after it are movie fragments of
 * one track each (video is track 1, sound track 2), beginning with a key frame.
 */
export const LiveInit = strictObject({
  type: Type.Literal('init'),
  codecs: Type.String({ description: 'RFC 6381, comma separated, video first.' }),
  epochMs: Type.Integer({ description: 'Wall clock of the box at media time zero.' }),
  stream: StreamName,
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
});

/** See `LiveInit`. */
export type LiveInit = Static<typeof LiveInit>;

/** The viewer was too slow: frames were left out, and a key frame comes next. */
export const LiveDropped = strictObject({
  type: Type.Literal('dropped'),
  frames: Type.Integer({ minimum: 1 }),
  behindMs: Type.Integer({
    minimum: 0,
    description: 'How long the oldest of them had waited when it was left out.',
  }),
});

/** See `LiveDropped`. */
export type LiveDropped = Static<typeof LiveDropped>;

/** How the camera is, when it changes, and at the start unless a picture is there at once. */
export const LiveState = strictObject({
  type: Type.Literal('state'),
  state: CameraState,
  stateReason: Type.Optional(CameraStateReason),
});

/** See `LiveState`. */
export type LiveState = Static<typeof LiveState>;

/** Everything that comes as text. */
export type LiveMessage = LiveInit | LiveDropped | LiveState;

/**
 * Why the box closed the socket (RFC 6455 7.4; 4000–4999 are for applications).
 * What a page does: `goingAway`, `stalled` and `tooMany` try again, the others do not.
 */
export const LIVE_CLOSE = {
  /** The box is stopping. */
  goingAway: 1001,
  /** Whoever sent more than a viewer has to say: nothing. */
  unexpectedData: 1008,
  /** Signed out, or the session ended. */
  signedOut: 4401,
  /** This person may not see the camera any more. */
  notAllowed: 4403,
  /** The camera was removed. */
  cameraGone: 4404,
  /** Nothing was taken for so long that nobody can be watching. */
  stalled: 4408,
  /** As many viewers as the box serves. */
  tooMany: 4429,
} as const;
