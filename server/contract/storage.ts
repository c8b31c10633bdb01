/** What is stored, how long it stays, and how much room there is. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, oneOf, strictObject } from './schema.ts';

const Bytes = Type.Integer({ minimum: 0 });
const InstantOrNull = Type.Union([Instant, Type.Null()]);

/** Ten years, the longest that a limit can be. */
export const KEEP_DAYS_MAX = 3_650;

/** A limit below a gigabyte would be minutes of a good camera: a typing error. */
export const KEEP_BYTES_MIN = 1024 ** 3;

/** A thousand terabytes: no disk is larger, and the number stays exact. */
export const KEEP_BYTES_MAX = 1024 ** 5;

/** How long a camera's footage stays: `PUT /api/storage/keep/{cameraId}`. */
export const KeepLimits = strictObject({
  days: Type.Union([Type.Integer({ minimum: 1, maximum: KEEP_DAYS_MAX }), Type.Null()], {
    description: 'Days of 24 hours, back from now. null: as long as there is room.',
  }),
  bytes: Type.Union(
    [Type.Integer({ minimum: KEEP_BYTES_MIN, maximum: KEEP_BYTES_MAX }), Type.Null()],
    { description: 'null: as much as there is room for.' },
  ),
});

/** See `KeepLimits`. */
export type KeepLimits = Static<typeof KeepLimits>;

/** Why footage goes by itself: its age, its camera's share, or the disk. */
export const DELETION_REASONS = ['days', 'bytes', 'room'] as const;

/** See `DELETION_REASONS`. */
export type DeletionReason = (typeof DELETION_REASONS)[number];

/** When the oldest footage of a camera goes that is not protected, at the present rate. */
export const NextDeletion = strictObject({
  reason: oneOf(DELETION_REASONS),
  at: Instant,
  keepsDays: Type.Number({ minimum: 0, description: 'How long this camera’s history then is.' }),
});

/** See `NextDeletion`. */
export type NextDeletion = Static<typeof NextDeletion>;

/** What one camera has on the disk. */
export const CameraUse = strictObject({
  camera: CameraId,
  bytes: Bytes,
  durationMs: Type.Integer({ minimum: 0, description: 'Footage, gaps left out.' }),
  oldest: Type.Union([Instant, Type.Null()], { description: 'null: nothing is recorded.' }),
  newest: InstantOrNull,
  protectedBytes: Type.Integer({ minimum: 0, description: 'Of files that no rule deletes.' }),
  bytesPerDay: Type.Union([Bytes, Type.Null()], {
    description: 'From the last days with footage, up to 7. null: less than an hour is recorded.',
  }),
  keep: KeepLimits,
  next: Type.Union([NextDeletion, Type.Null()], {
    description: 'null: nothing is known to go, or all there is is protected.',
  }),
});

/** See `CameraUse`. */
export type CameraUse = Static<typeof CameraUse>;

const Count = Type.Integer({ minimum: 0 });

/** How much of the footage the index knows. */
export const IndexUse = strictObject({
  complete: Type.Boolean({ description: 'false: recordings are listed again after an unlock.' }),
  filesDone: Count,
  filesTotal: Count,
  unopened: Type.Integer({ minimum: 0, description: 'Files that no key of the household opens.' }),
  quarantined: Type.Integer({ minimum: 0, description: 'Damaged files in DATA/quarantine.' }),
  databasesSetAside: Type.Array(Type.String(), {
    description: 'Damaged databases, by the names of their files in the data folder.',
  }),
});

/** See `IndexUse`. */
export type IndexUse = Static<typeof IndexUse>;

/** What a household should know before footage is lost. Facts only; the page has the sentences. */
export const StorageWarning = Type.Union([
  strictObject(
    {
      kind: Type.Literal('short-history'),
      camera: CameraId,
      days: Type.Integer({ description: 'What the household set.' }),
      keepsDays: Type.Number({ description: 'What there is room for.' }),
    },
    { description: 'The disk, or the camera’s share, is too small for the days that are set.' },
  ),
  strictObject(
    {
      kind: Type.Literal('protected-fills-disk'),
      protectedBytes: Bytes,
      roomBytes: Type.Integer({ description: 'What footage can take of the disk.' }),
      keepsDays: Type.Number({ description: 'What is left for all that is not protected.' }),
    },
    { description: 'Protected footage leaves less than a day for new footage.' },
  ),
  strictObject(
    { kind: Type.Literal('disk-full') },
    { description: 'Nothing is left to delete: new footage cannot be kept.' },
  ),
  strictObject(
    { kind: Type.Literal('wrong-disk') },
    { description: 'The footage folder is not the one that it was.' },
  ),
]);

/** See `StorageWarning`. */
export type StorageWarning = Static<typeof StorageWarning>;

/** `GET /api/storage`. */
export const StorageUse = strictObject({
  cameras: Type.Array(CameraUse),
  footageBytes: Bytes,
  freeBytes: Bytes,
  totalBytes: Bytes,
  index: IndexUse,
  reserveBytes: Type.Integer({ minimum: 0, description: 'What footage never takes of the disk.' }),
  locked: Type.Boolean({ description: 'Whether this session may read footage.' }),
  warnings: Type.Array(StorageWarning),
});

/** See `StorageUse`. */
export type StorageUse = Static<typeof StorageUse>;

/** The most days that are told at once: a year, and what a comparison with it needs. */
export const USE_DAYS_MAX = 400;

/** `GET /api/storage/days`. A query is text: both are read by the route. */
export const StorageDaysQuery = strictObject({
  timeZone: Type.String({
    ...{ minLength: 1, maxLength: 64 },
    description: 'An IANA name, for example Europe/Berlin.',
  }),
  days: Type.String({ pattern: '^\\d{1,3}$', description: '1 to 400, today included.' }),
});

/** What was recorded on one calendar day of the zone that was asked for. */
export const StorageDay = strictObject({
  day: Type.String({ format: 'date' }),
  cameras: Type.Array(
    strictObject({ camera: CameraId, bytes: Bytes, durationMs: Type.Integer({ minimum: 0 }) }),
    { description: 'Those with footage on that day.' },
  ),
});

/** See `StorageDay`. */
export type StorageDay = Static<typeof StorageDay>;

/** The days asked for, oldest first, those without footage included. */
export const StorageDays = strictObject({ days: Type.Array(StorageDay) });

/** See `StorageDays`. */
export type StorageDays = Static<typeof StorageDays>;

/** `GET /api/storage/keep/{cameraId}/preview`; what is left out is no limit. */
export const KeepPreviewQuery = strictObject({
  days: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
  bytes: Type.Optional(Type.String({ pattern: '^\\d{1,16}$' })),
});

/** What such limits would delete at once. */
export const KeepPreview = strictObject({
  bytes: Bytes,
  durationMs: Type.Integer({ minimum: 0 }),
  from: Type.Union([Instant, Type.Null()], { description: 'null: nothing would go.' }),
  to: InstantOrNull,
});

/** See `KeepPreview`. */
export type KeepPreview = Static<typeof KeepPreview>;
