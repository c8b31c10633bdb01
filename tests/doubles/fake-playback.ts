/** Footage for players and room on the disk, in memory, with the interfaces of production. */
import { Readable } from 'node:stream';
import type {
  ByteRange,
  CameraRange,
  FootagePlace,
  PlaybackService,
  ProtectedFootage,
  StorageService,
} from '../../server/api/services.ts';
import { AppError } from '../../server/base/errors.ts';
import { epochMs, toRfc3339, type EpochMs } from '../../server/base/time.ts';
import type { ProtectedRanges } from '../../server/contract/protected.ts';
import type {
  KeepLimits,
  KeepPreview,
  StorageDays,
  StorageUse,
} from '../../server/contract/storage.ts';

/** The camera that has footage: one file, number 3 of run 7. */
export const PLAYED_CAMERA = '00000000000000aa';

/** One file of 1,000 bytes; its playlist says what was asked. */
export class FakePlayback implements PlaybackService {
  readonly bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
  readonly opened: ByteRange[] = [];
  /** The file vanishes between its row and its opening. */
  fileIsGone = false;
  /** A file that was opened was let go. */
  destroyed = false;
  #isHeld = false;

  /** From now on files give their first bytes and then nothing, without an end. */
  hold(): void {
    this.#isHeld = true;
  }

  playlist(camera: string, fromMs: EpochMs, toMs: EpochMs): string {
    if (camera !== PLAYED_CAMERA) throw new AppError('not-found', 'There is no such camera.');
    return `#EXTM3U\n# ${toRfc3339(fromMs)} ${toRfc3339(toMs)}\n`;
  }

  startOf(place: FootagePlace): EpochMs {
    this.sizeOf(place);
    return epochMs(0);
  }

  sizeOf({ cameraId, runId, sequence }: FootagePlace): number {
    if (cameraId !== PLAYED_CAMERA || runId !== 7 || sequence !== 3) throw gone();
    return this.bytes.length;
  }

  read(place: FootagePlace, range: ByteRange): Promise<Readable> {
    if (this.fileIsGone) return Promise.reject(gone());
    this.sizeOf(place);
    this.opened.push(range);
    if (this.#isHeld) return Promise.resolve(this.#held());
    return Promise.resolve(Readable.from([this.bytes.subarray(range.first, range.last + 1)]));
  }

  #held(): Readable {
    const first = [this.bytes.subarray(0, 10)];
    return new Readable({
      read: function read() {
        const bytes = first.pop();
        if (bytes !== undefined) this.push(bytes);
      },
      destroy: (error, done) => {
        this.destroyed = true;
        done(error);
      },
    });
  }
}

/** A box with one camera that has an hour of footage, and one that has none. */
export const STORAGE_USE: Omit<StorageUse, 'locked'> = {
  cameras: [
    {
      ...{ camera: PLAYED_CAMERA, bytes: 1_350_000_000, durationMs: 3_600_000 },
      ...{ oldest: '2026-01-01T12:00:00.000Z', newest: '2026-01-01T13:00:00.000Z' },
      ...{ protectedBytes: 0, bytesPerDay: 32_400_000_000, keep: { days: 7, bytes: null } },
      next: { reason: 'room', at: '2026-01-03T12:00:00.000Z', keepsDays: 3 },
    },
    {
      ...{ camera: '00000000000000bb', bytes: 0, durationMs: 0, oldest: null, newest: null },
      ...{ protectedBytes: 0, bytesPerDay: null, keep: { days: null, bytes: null }, next: null },
    },
  ],
  ...{ footageBytes: 1_350_000_000, freeBytes: 90_000_000_000, totalBytes: 100_000_000_000 },
  index: {
    ...{ complete: true, filesDone: 0, filesTotal: 0, unopened: 0 },
    ...{ quarantined: 0, databasesSetAside: [] },
  },
  reserveBytes: 2_000_000_000,
  warnings: [{ kind: 'short-history', camera: PLAYED_CAMERA, days: 7, keepsDays: 3 }],
};

/** Answers `STORAGE_USE`. */
export class FakeStorage implements StorageService {
  readonly kept = new Map<string, KeepLimits>();
  readonly asked: (readonly [string, number | KeepLimits])[] = [];

  use(): Promise<Omit<StorageUse, 'locked'>> {
    return Promise.resolve(STORAGE_USE);
  }

  days(timeZone: string, count: number): Promise<StorageDays> {
    this.asked.push([timeZone, count]);
    const cameras = [{ camera: PLAYED_CAMERA, bytes: 1, durationMs: 2 }];
    return Promise.resolve({ days: [{ day: '2026-01-01', cameras }] });
  }

  setKeep(cameraId: string, limits: KeepLimits): void {
    if (cameraId !== PLAYED_CAMERA) throw gone();
    this.kept.set(cameraId, limits);
  }

  preview(cameraId: string, limits: KeepLimits): Promise<KeepPreview> {
    this.asked.push([cameraId, limits]);
    return Promise.resolve({ bytes: 0, durationMs: 0, from: null, to: null });
  }
}

/** Keeps ranges in memory, and deletes nothing. */
export class FakeProtected implements ProtectedFootage {
  readonly protected = new Map<string, CameraRange & { readonly userId: number }>();

  protect(range: CameraRange & { readonly userId: number }): Promise<string> {
    const id = (this.protected.size + 1).toString(16).padStart(32, '0');
    this.protected.set(id, range);
    return Promise.resolve(id);
  }

  ranges({ cameraId }: CameraRange): Promise<ProtectedRanges> {
    const ranges = [...this.protected].filter(([, range]) => range.cameraId === cameraId);
    return Promise.resolve({
      ranges: ranges.map(([id, { fromMs, toMs }]) => ({
        ...{ id, from: toRfc3339(fromMs), to: toRfc3339(toMs), bytes: 0 },
      })),
    });
  }

  find(id: string): { cameraId: string; userId: number } | undefined {
    return this.protected.get(id);
  }

  unprotect(id: string): void {
    if (!this.protected.delete(id)) throw gone();
  }
}

function gone(): AppError {
  return new AppError('not-found', 'This footage is not there.', { hint: 'It was deleted.' });
}
