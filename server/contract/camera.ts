/** Cameras: what a person types, what the box found out, what it shows. */
import { Type, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox';
import { Instant, oneOf, strictObject } from './schema.ts';

/** Appears in paths and URLs; says nothing. */
export const CameraId = Type.String({
  pattern: '^[0-9a-f]{16}$',
  description: '16 hexadecimal digits.',
});

/** What people call a camera. At least one character that can be seen. */
const CameraName = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' });

/** No shape is demanded here: what is wrong with an address is a 422 with a sentence that says so,
 * never a 400 about a pattern. 2048: longer addresses than any camera's, shorter than an attack. */
const SourceUrl = Type.String({ maxLength: 2048 });

/** RFC 2617 sets no limit; 256 is far beyond what camera menus take. */
const CameraUsername = Type.String({ maxLength: 256 });
const CameraPassword = Type.String({ maxLength: 256, description: 'Never returned.' });

/** A camera by its RTSP address. */
export const RtspSource = strictObject({
  type: Type.Literal('rtsp'),
  url: SourceUrl,
  subUrl: Type.Optional(SourceUrl),
  username: Type.Optional(CameraUsername),
  password: Type.Optional(CameraPassword),
});

/** See `RtspSource`. */
export type RtspSource = Static<typeof RtspSource>;

/** A camera that tells its own addresses. Not there yet: answered with a 422 that says so. */
export const OnvifSource = strictObject({
  type: Type.Literal('onvif'),
  address: Type.String({ minLength: 1, maxLength: 255 }),
  username: CameraUsername,
  password: CameraPassword,
});

/** See `OnvifSource`. */
export type OnvifSource = Static<typeof OnvifSource>;

/** `discriminator` (OpenAPI 3.1, also Ajv's) makes a wrong field an error about that field, instead
 * of one about every kind of source. It needs `oneOf`, which TypeBox does not make. */
function byType<T extends TSchema[]>(...kinds: T): TUnsafe<Static<T[number]>> {
  return Type.Unsafe({
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: kinds,
  });
}

/** Where pictures come from. */
export const CameraSource = byType(RtspSource, OnvifSource);

/** See `CameraSource`. */
export type CameraSource = Static<typeof CameraSource>;

const SoundSwitch = Type.Boolean({
  description: 'Off unless the owner turns it on: recording conversations is unlawful in places.',
});

/** `POST /api/cameras/test`. */
export const CameraTestInput = strictObject({
  source: CameraSource,
  sound: Type.Optional(SoundSwitch),
});

/** See `CameraTestInput`. */
export type CameraTestInput = Static<typeof CameraTestInput>;

/** `POST /api/cameras`. */
export const NewCamera = strictObject({
  name: CameraName,
  source: CameraSource,
  sound: Type.Optional(SoundSwitch),
});

/** See `NewCamera`. */
export type NewCamera = Static<typeof NewCamera>;

/** What may change about a source; null takes an optional field away. */
export const RtspSourcePatch = strictObject({
  type: Type.Optional(Type.Literal('rtsp')),
  url: Type.Optional(SourceUrl),
  subUrl: Type.Optional(Type.Union([SourceUrl, Type.Null()])),
  username: Type.Optional(Type.Union([CameraUsername, Type.Null()])),
  password: Type.Optional(Type.Union([CameraPassword, Type.Null()])),
});

/** See `RtspSourcePatch`. */
export type RtspSourcePatch = Static<typeof RtspSourcePatch>;

/** `PATCH /api/cameras/{id}`: what is left out stays. */
export const CameraPatch = strictObject({
  name: Type.Optional(CameraName),
  source: Type.Optional(RtspSourcePatch),
  sound: Type.Optional(SoundSwitch),
  enabled: Type.Optional(Type.Boolean()),
  position: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
});

/** See `CameraPatch`. */
export type CameraPatch = Static<typeof CameraPatch>;

/** What the box has found out about a picture. */
export const CameraVideo = strictObject({
  codec: oneOf(['h264', 'h265']),
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
  framesPerSecond: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
    description: 'Measured; null when too few frames came to tell.',
  }),
  keyFrameIntervalMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'Longest seen between two key frames; null when only one was seen.',
  }),
});

/** See `CameraVideo`. */
export type CameraVideo = Static<typeof CameraVideo>;

/** What the box has found out about the sound, as the camera sends it. */
export const CameraAudio = strictObject({
  codec: Type.String({ description: 'As FFmpeg names it: aac, pcm_mulaw, pcm_alaw, …' }),
  sampleRate: Type.Integer({ minimum: 1 }),
  channels: Type.Integer({ minimum: 1 }),
});

/** See `CameraAudio`. */
export type CameraAudio = Static<typeof CameraAudio>;

/** How a camera is. `stalled`: connected, but nothing comes. `failed`: it will not get better by
 * waiting (a wrong password, an unsupported codec), though the box keeps trying. */
export const CameraState = oneOf(['disabled', 'connecting', 'online', 'stalled', 'failed']);

/** See `CameraState`. */
export type CameraState = Static<typeof CameraState>;

/** Why a camera is not online. */
export const CameraStateReason = strictObject({
  reason: Type.String({ description: 'Machine-readable, for example `wrong-password`.' }),
  sentence: Type.String({ description: 'What happened.' }),
  hint: Type.String({ description: 'What to do next.' }),
  since: Instant,
});

/** See `CameraStateReason`. */
export type CameraStateReason = Static<typeof CameraStateReason>;

/** A source as it is shown: no user name or password inside an address, no password at all. */
export const ShownSource = strictObject({
  type: Type.Literal('rtsp'),
  url: Type.String(),
  subUrl: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
});

/** See `ShownSource`. */
export type ShownSource = Static<typeof ShownSource>;

/** Size of the newest main picture known, so that a page can leave its place before it comes. */
export const PictureSize = strictObject({
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
});

/** See `PictureSize`. */
export type PictureSize = Static<typeof PictureSize>;

const cameraFields = {
  id: CameraId,
  name: Type.String(),
  source: ShownSource,
  sound: SoundSwitch,
  enabled: Type.Boolean(),
  position: Type.Integer({ minimum: 0, description: 'Place on the wall, ascending.' }),
  state: CameraState,
  stateReason: Type.Optional(CameraStateReason),
  video: Type.Optional(CameraVideo),
  pictureSize: Type.Optional(PictureSize),
  audio: Type.Optional(
    Type.Union([CameraAudio, Type.Null()], { description: 'null: sound is off or not sent.' }),
  ),
  createdAt: Instant,
};

/** One camera. */
export const Camera = strictObject(cameraFields);

/** See `Camera`. */
export type Camera = Static<typeof Camera>;

/** `GET /api/cameras`. */
export const CameraList = strictObject({ cameras: Type.Array(Camera) });

/** See `CameraList`. */
export type CameraList = Static<typeof CameraList>;

/** What the test of one stream brought. */
export const TestedStream = strictObject({
  video: CameraVideo,
  audio: Type.Optional(CameraAudio),
  picture: strictObject({
    type: Type.Literal('image/jpeg'),
    base64: Type.String({ description: 'RFC 4648 section 4.' }),
  }),
});

/** See `TestedStream`. */
export type TestedStream = Static<typeof TestedStream>;

/** What a camera test brought. */
export const CameraTest = strictObject({
  main: TestedStream,
  sub: Type.Optional(TestedStream),
  warnings: Type.Array(Type.String(), {
    description: 'What works but could be better, a sentence each.',
  }),
});

/** See `CameraTest`. */
export type CameraTest = Static<typeof CameraTest>;

/** A camera that was just added, with the test that preceded it. */
export const AddedCamera = strictObject({ ...cameraFields, test: CameraTest });

/** See `AddedCamera`. */
export type AddedCamera = Static<typeof AddedCamera>;
