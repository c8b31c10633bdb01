/** What is stored, how long it stays and how much room there is, as the API says it. */
import type { Clock } from '../base/clock.ts';
import { epochMs, toRfc3339, type EpochMs } from '../base/time.ts';
import type {
  IndexUse,
  KeepLimits,
  KeepPreview,
  StorageDays,
  StorageUse,
} from '../contract/storage.ts';
import { listCameras } from './cameras.ts';
import type { Database } from './database.ts';
import { diskSpace } from './disk-space.ts';
import { recordedPerDay, wouldGo } from './footage-rate.ts';
import type { CameraFootage, FootageUse } from './footage-use.ts';
import { forecast, type ForecastCamera, type NextLoss } from './forecast.ts';
import { keepLimits, NO_LIMITS, setKeepLimits } from './keep-limits.ts';
import { ofKnownCamera } from './known-camera.ts';
import { protectedSpans } from './protected-ranges.ts';
import { reserveBytesOf } from './retention-plan.ts';
import { oldestUnprotected } from './unprotected.ts';
import { lastDays } from './zone-days.ts';

/** What a database says that was never lost. */
const COMPLETE: IndexUse = {
  ...{ complete: true, filesDone: 0, filesTotal: 0, unopened: 0 },
  ...{ quarantined: 0, databasesSetAside: [] },
};

/** What it works with. */
export interface StorageReportDeps {
  readonly db: Database;
  readonly use: FootageUse;
  readonly clock: Clock;
  readonly footagePath: string;
  /** Retention found nothing to delete, and no room. */
  readonly isFull: () => boolean;
  /** The folder of footage is not the one that it was. */
  readonly isWrongDisk?: () => boolean;
  /** How much of the footage the index knows; all of it, unless said. */
  readonly indexUse?: () => Promise<IndexUse>;
}

/** See the head of this file. */
export class StorageReport {
  readonly #deps: StorageReportDeps;

  constructor(deps: StorageReportDeps) {
    this.#deps = deps;
  }

  /** Cameras by position; throws `io`. */
  async use(): Promise<Omit<StorageUse, 'locked'>> {
    const { db, use, clock, footagePath, isFull } = this.#deps;
    const limits = keepLimits(db);
    const counted: { camera: ForecastCamera; footage: CameraFootage }[] = [];
    for (const { id: cameraId } of listCameras(db)) {
      const footage = await use.of(cameraId);
      const { unprotectedBytes, protectedBytes, newestMs } = footage;
      const bytesPerDay = await recordedPerDay(use, cameraId, footage);
      const spans = protectedSpans(db, cameraId);
      const oldestMs =
        newestMs === undefined
          ? undefined
          : oldestUnprotected(db, { cameraId, spans, limit: 1 })[0]?.startMs;
      const keep = limits.get(cameraId) ?? NO_LIMITS;
      const camera = { cameraId, unprotectedBytes, protectedBytes, bytesPerDay, oldestMs, keep };
      counted.push({ camera, footage });
    }
    const { freeBytes, totalBytes } = await diskSpace(footagePath);
    const reserveBytes = reserveBytesOf(totalBytes);
    const { next, warnings } = forecast({
      cameras: counted.map(({ camera }) => camera),
      ...{ roomBytes: freeBytes - reserveBytes, nowMs: clock.wallMs(), isFull: isFull() },
    });
    const { isWrongDisk, indexUse } = this.#deps;
    return {
      cameras: counted.map(({ camera, footage }) => ({
        ...{ camera: camera.cameraId, bytes: footage.bytes, durationMs: footage.durationMs },
        oldest: instantOrNull(footage.oldestMs),
        newest: instantOrNull(footage.newestMs),
        protectedBytes: footage.protectedBytes,
        bytesPerDay: camera.bytesPerDay ?? null,
        keep: camera.keep,
        next: nextOrNull(next.get(camera.cameraId)),
      })),
      footageBytes: counted.reduce((sum, { footage }) => sum + footage.bytes, 0),
      ...{ freeBytes, totalBytes, reserveBytes },
      warnings: [
        ...(isWrongDisk?.() === true ? [{ kind: 'wrong-disk' as const }] : []),
        ...warnings,
      ],
      index: (await indexUse?.()) ?? COMPLETE,
    };
  }

  /** What was recorded on the last calendar days of a zone. A segment counts for the day on which it
   * begins. `invalid` for an unknown zone. */
  async days(timeZone: string, count: number): Promise<StorageDays> {
    const { db, use, clock } = this.#deps;
    const cameras = listCameras(db);
    const days: StorageDays['days'] = [];
    for (const { day, ...span } of lastDays(timeZone, clock.wallMs(), count)) {
      const amounts: StorageDays['days'][number]['cameras'] = [];
      for (const { id } of cameras) {
        const { bytes, durationMs } = await use.begunIn(id, span);
        if (bytes > 0) amounts.push({ camera: id, bytes, durationMs });
      }
      days.push({ day, cameras: amounts });
    }
    return { days };
  }

  /** Retention looks at it within a minute. `not-found`. */
  setKeep(cameraId: string, limits: KeepLimits): void {
    setKeepLimits(this.#deps.db, cameraId, limits);
  }

  /** What such limits would delete now. `not-found`. */
  async preview(cameraId: string, limits: KeepLimits): Promise<KeepPreview> {
    const { db, use, clock } = this.#deps;
    ofKnownCamera(db, cameraId);
    const { unprotectedBytes } = await use.of(cameraId);
    const nowMs = clock.wallMs();
    const going = await wouldGo(db, { cameraId, limits, unprotectedBytes, nowMs });
    const { bytes, durationMs, fromMs, toMs } = going;
    return { bytes, durationMs, from: instantOrNull(fromMs), to: instantOrNull(toMs) };
  }
}

function nextOrNull(loss: NextLoss | undefined): StorageUse['cameras'][number]['next'] {
  if (loss === undefined) return null;
  const { reason, atMs, keepsDays } = loss;
  return { reason, at: toRfc3339(epochMs(atMs)), keepsDays };
}

function instantOrNull(ms: EpochMs | undefined): string | null {
  return ms === undefined ? null : toRfc3339(ms);
}
