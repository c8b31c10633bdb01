/** What is stored, and how much room there is. Retention and forecast join with the store's issue. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, strictObject } from './schema.ts';

const Bytes = Type.Integer({ minimum: 0 });

/** What one camera has on the disk. */
export const CameraUse = strictObject({
  camera: CameraId,
  bytes: Bytes,
  durationMs: Type.Integer({ minimum: 0, description: 'Footage, gaps left out.' }),
  oldest: Type.Union([Instant, Type.Null()], { description: 'null: nothing is recorded.' }),
  newest: Type.Union([Instant, Type.Null()]),
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

/** `GET /api/storage`. */
export const StorageUse = strictObject({
  cameras: Type.Array(CameraUse),
  footageBytes: Bytes,
  freeBytes: Bytes,
  totalBytes: Bytes,
  index: IndexUse,
});

/** See `StorageUse`. */
export type StorageUse = Static<typeof StorageUse>;
