/**
 * DATA/keys/spare.json: what the box needs to record when its database is gone. Cameras as their rows
 * have them, passwords sealed under the box key; who may open the box. Never read while the database
 * is there. Steps: docs/design/storage.md, "The spare".
 */
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { writeFileAtomic } from '../base/atomic-file.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { epochMs } from '../base/time.ts';
import { Wake } from '../base/wake.ts';
import { strictObject } from '../contract/schema.ts';
import {
  insertCamera,
  listCameras,
  removeCamera,
  removedCameraIds,
  type StoredCamera,
} from './cameras.ts';
import type { Database } from './database.ts';
import { chooseReach, chosenReach } from './settings.ts';

/** 32 cameras of 2 kB are 64 kB; removed ones are an id each. */
const FILE_MAX_BYTES = 1024 * 1024;

/** What no camera tells of (who may open the box) is looked at this often. */
const EVERY_MS = 60_000;

const CameraId = Type.String({ pattern: '^[0-9a-f]{16}$' });

const SpareCamera = strictObject({
  id: CameraId,
  name: Type.String({ minLength: 1, maxLength: 64 }),
  sourceJson: Type.String(),
  /** Base64; null for a camera that wants none. */
  sealedCredentials: Type.Union([Type.String(), Type.Null()]),
  sound: Type.Boolean(),
  enabled: Type.Boolean(),
  position: Type.Integer(),
  createdMs: Type.Integer(),
});

const Spare = strictObject({
  version: Type.Literal(1),
  boxId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  reach: Type.Union([Type.Literal('this-machine'), Type.Literal('home'), Type.Null()]),
  cameras: Type.Array(SpareCamera),
  /** Their footage is still being deleted. */
  removed: Type.Array(CameraId),
});

/** See the head of this file. */
export type Spare = Static<typeof Spare>;

/** What the database says now. */
export function spareOf(db: Database): Spare {
  return {
    ...{ version: 1, boxId: db.boxId, reach: chosenReach(db) ?? null },
    cameras: listCameras(db).map(({ sealedCredentials, ...camera }) => ({
      ...camera,
      sealedCredentials: sealedCredentials?.toString('base64') ?? null,
    })),
    removed: removedCameraIds(db),
  };
}

/** Writes it into a new database. */
export function fillFrom(db: Database, { cameras, removed, reach }: Spare): void {
  for (const camera of cameras) insertCamera(db, storedCamera(camera));
  for (const id of removed) {
    // Its row is all that is needed: what lies in its folder is deleted.
    insertCamera(db, { ...REMOVED, id });
    removeCamera(db, id, epochMs(0));
  }
  if (reach !== null) chooseReach(db, reach);
}

/** The file; undefined when there is none. `conflict` when it is not what Doorkeep wrote. */
export async function readSpare(path: string): Promise<Spare | undefined> {
  const bytes = await readPrivateFile(path, FILE_MAX_BYTES);
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (cause) {
    throw damaged(cause);
  }
  if (!Value.Check(Spare, value)) throw damaged();
  return value;
}

/** Writes the file anew after each change (spare 2). */
export class SpareKeeper {
  readonly #deps: { readonly db: Database; readonly path: string; clock: Clock; log: Log };
  readonly #wake = new Wake();
  #written: string | undefined;

  constructor(deps: { db: Database; path: string; clock: Clock; log: Log }) {
    this.#deps = deps;
  }

  /** A camera was added, changed or removed. */
  wake(): void {
    this.#wake.wake();
  }

  /** Writes it now, if it is not what the database says. */
  async write(): Promise<void> {
    const { db, path } = this.#deps;
    const text = `${JSON.stringify(spareOf(db), null, 2)}\n`;
    if (text === this.#written) return;
    await writeFileAtomic(path, text);
    this.#written = text;
  }

  /** Until `signal` aborts; begins with what the last server did not get to. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.write();
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.kind !== 'io') throw error;
        log.warn(errorFields(error), 'the spare list of cameras could not be written yet');
      }
      const timer = clock.setTimer(EVERY_MS, () => {
        this.#wake.wake();
      });
      await this.#wake.wait(signal);
      timer.cancel();
    }
  }
}

const REMOVED: Omit<StoredCamera, 'id'> = {
  ...{ name: 'Removed', sourceJson: '{}', sealedCredentials: undefined },
  ...{ sound: false, enabled: false, position: 0, createdMs: epochMs(0) },
};

function storedCamera(camera: Static<typeof SpareCamera>): StoredCamera {
  const { sealedCredentials, createdMs } = camera;
  return {
    ...camera,
    createdMs: epochMs(createdMs),
    sealedCredentials:
      sealedCredentials === null ? undefined : Buffer.from(sealedCredentials, 'base64'),
  };
}

function damaged(cause?: unknown): AppError {
  return new AppError('conflict', 'The spare list of cameras cannot be read.', {
    reason: 'unsafe-file',
    hint: 'Add the cameras again, or put keys/spare.json back from a copy of the data folder.',
    ...(cause === undefined ? {} : { cause }),
  });
}
