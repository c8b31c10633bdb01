/** Exports: footage taken out as one MP4, by a person's hand only. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, oneOf, strictObject } from './schema.ts';
import { Password } from './session.ts';

/** Appears in URLs. */
export const ExportId = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: '32 hexadecimal digits.',
});

/** `POST /api/exports`. */
export const NewExport = strictObject({
  camera: CameraId,
  from: Instant,
  to: Instant,
  password: Password,
  edges: Type.Optional(
    oneOf(['keyframe', 'exact'], {
      description:
        'keyframe (the default): bit for bit, may begin up to one key-frame interval early. ' +
        'exact is not there yet and answers 422.',
    }),
  ),
});

/** See `NewExport`. */
export type NewExport = Static<typeof NewExport>;

/** How far an export is. */
export const ExportState = oneOf(['queued', 'running', 'done', 'failed', 'cancelled']);

/** See `ExportState`. */
export type ExportState = Static<typeof ExportState>;

/** One export. */
export const Export = strictObject({
  id: ExportId,
  camera: CameraId,
  from: Instant,
  to: Instant,
  state: ExportState,
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  actualFrom: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'First frame of the file: at or up to one key-frame interval before `from`.',
    }),
  ),
  actualTo: Type.Optional(
    Type.String({ format: 'date-time', description: 'End of the last frame of the file.' }),
  ),
  sizeBytes: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Size of the finished file, once it is planned.' }),
  ),
  notes: Type.Array(Type.String(), {
    description:
      'What a person should know about the file, a sentence each: an early beginning, ' +
      'gaps inside.',
  }),
  failure: Type.Optional(Type.String({ description: 'What a person reads when it failed.' })),
  createdAt: Instant,
  finishedAt: Type.Optional(Instant),
});

/** See `Export`. */
export type Export = Static<typeof Export>;

/** `GET /api/exports`, newest first. */
export const ExportList = strictObject({ exports: Type.Array(Export) });

/** See `ExportList`. */
export type ExportList = Static<typeof ExportList>;
