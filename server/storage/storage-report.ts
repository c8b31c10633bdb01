/** What is stored and how much room there is, as the API says it. */
import { toRfc3339, type EpochMs } from '../base/time.ts';
import type { CameraUse, StorageUse } from '../contract/storage.ts';
import { listCameras } from './cameras.ts';
import type { Database } from './database.ts';
import { diskSpace } from './disk-space.ts';
import { FootageUse } from './footage-use.ts';
import { reserveBytesOf } from './retention.ts';

/** One per server: it remembers what it counted. */
export class StorageReport {
  readonly #db: Database;
  readonly #footagePath: string;
  readonly #footage: FootageUse;

  constructor(db: Database, footagePath: string) {
    this.#db = db;
    this.#footagePath = footagePath;
    this.#footage = new FootageUse(db);
  }

  /** Cameras by position; throws `io`. */
  async use(): Promise<Omit<StorageUse, 'locked'>> {
    const cameras: CameraUse[] = [];
    for (const { id } of listCameras(this.#db)) {
      const { bytes, durationMs, oldestMs, newestMs } = await this.#footage.of(id);
      cameras.push({
        ...{ camera: id, bytes, durationMs },
        ...{ oldest: instantOrNull(oldestMs), newest: instantOrNull(newestMs) },
        ...{ protectedBytes: 0, bytesPerDay: null, keep: { days: null, bytes: null }, next: null },
      });
    }
    const footageBytes = cameras.reduce((sum, { bytes }) => sum + bytes, 0);
    const space = await diskSpace(this.#footagePath);
    const { freeBytes, totalBytes } = space;
    const reserveBytes = reserveBytesOf(totalBytes);
    return { cameras, footageBytes, freeBytes, totalBytes, reserveBytes, warnings: [] };
  }
}

function instantOrNull(ms: EpochMs | undefined): string | null {
  return ms === undefined ? null : toRfc3339(ms);
}
