/** Footage for players and room on the disk, in memory, with the interfaces of production. */
import { Readable } from 'node:stream';
import type {
  ByteRange,
  FootagePlace,
  PlaybackService,
  StorageService,
} from '../../server/api/services.ts';
import { AppError } from '../../server/base/errors.ts';
import { toRfc3339, type EpochMs } from '../../server/base/time.ts';
import type { StorageUse } from '../../server/contract/storage.ts';

/** The camera that has footage: one file, number 3 of run 7. */
export const PLAYED_CAMERA = '00000000000000aa';

/** One file of 1,000 bytes; its playlist says what was asked. */
export class FakePlayback implements PlaybackService {
  readonly bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
  readonly opened: ByteRange[] = [];
  /** The file vanishes between its row and its opening. */
  fileIsGone = false;

  playlist(camera: string, fromMs: EpochMs, toMs: EpochMs): string {
    if (camera !== PLAYED_CAMERA) throw new AppError('not-found', 'There is no such camera.');
    return `#EXTM3U\n# ${toRfc3339(fromMs)} ${toRfc3339(toMs)}\n`;
  }

  sizeOf({ cameraId, runId, sequence }: FootagePlace): number {
    if (cameraId !== PLAYED_CAMERA || runId !== 7 || sequence !== 3) throw gone();
    return this.bytes.length;
  }

  read(place: FootagePlace, range: ByteRange): Promise<Readable> {
    if (this.fileIsGone) return Promise.reject(gone());
    this.sizeOf(place);
    this.opened.push(range);
    return Promise.resolve(Readable.from([this.bytes.subarray(range.first, range.last + 1)]));
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
  reserveBytes: 2_000_000_000,
  warnings: [{ kind: 'short-history', camera: PLAYED_CAMERA, days: 7, keepsDays: 3 }],
};

/** Answers `STORAGE_USE`. */
export class FakeStorage implements StorageService {
  use(): Promise<Omit<StorageUse, 'locked'>> {
    return Promise.resolve(STORAGE_USE);
  }
}

function gone(): AppError {
  return new AppError('not-found', 'This footage is not there.', { hint: 'It was deleted.' });
}
