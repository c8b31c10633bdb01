/** What is stored and how much room there is, as the API says it. */
import { toRfc3339, type EpochMs } from '../base/time.ts';
import type { CameraUse, IndexUse, StorageUse } from '../contract/storage.ts';
import { listCameras } from './cameras.ts';
import type { Database } from './database.ts';
import { diskSpace } from './disk-space.ts';
import { FootageUse } from './footage-use.ts';

/** What a database says that was never lost. */
const COMPLETE: IndexUse = {
  ...{ complete: true, filesDone: 0, filesTotal: 0, unopened: 0 },
  ...{ quarantined: 0, databasesSetAside: [] },
};

/** One per server: it remembers what it counted. */
export class StorageReport {
  readonly #db: Database;
  readonly #footagePath: string;
  readonly #footage: FootageUse;

  readonly #index: () => Promise<IndexUse>;

  constructor(
    db: Database,
    footagePath: string,
    index: () => Promise<IndexUse> = () => Promise.resolve(COMPLETE),
  ) {
    this.#index = index;
    this.#db = db;
    this.#footagePath = footagePath;
    this.#footage = new FootageUse(db);
  }

  /** Cameras by position; throws `io`. */
  async use(): Promise<StorageUse> {
    const cameras: CameraUse[] = [];
    for (const { id } of listCameras(this.#db)) {
      const { bytes, durationMs, oldestMs, newestMs } = await this.#footage.of(id);
      cameras.push({
        ...{ camera: id, bytes, durationMs },
        ...{ oldest: instantOrNull(oldestMs), newest: instantOrNull(newestMs) },
      });
    }
    const footageBytes = cameras.reduce((sum, { bytes }) => sum + bytes, 0);
    const { freeBytes, totalBytes } = await diskSpace(this.#footagePath);
    return { cameras, footageBytes, freeBytes, totalBytes, index: await this.#index() };
  }
}

function instantOrNull(ms: EpochMs | undefined): string | null {
  return ms === undefined ? null : toRfc3339(ms);
}
