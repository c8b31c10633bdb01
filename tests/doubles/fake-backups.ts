/** Backups and restores in memory, with the interfaces of production. */
import { Readable } from 'node:stream';
import type {
  BackupService,
  ByteRange,
  ExportFile,
  RestoreService,
} from '../../server/api/services.ts';
import { AppError } from '../../server/base/errors.ts';
import type { Backup, RestoreDone, RestoreUpload } from '../../server/contract/backup.ts';

/** Backups that are made at once, each with the same file. */
export class FakeBackups implements BackupService {
  readonly made: Backup[] = [];
  readonly bytes = Buffer.from('age-encryption.org/v1\n and the rest');

  list(): readonly Backup[] {
    return [...this.made].reverse();
  }

  make(takenBy: string): Promise<Backup> {
    const backup: Backup = {
      id: (this.made.length + 1).toString(16).padStart(32, '0'),
      takenAt: '2026-01-01T12:00:00.000Z',
      ...{ takenBy, sizeBytes: this.bytes.length, keyGeneration: 1 },
    };
    this.made.push(backup);
    return Promise.resolve(backup);
  }

  file(id: string): Promise<ExportFile> {
    if (!this.made.some((backup) => backup.id === id)) {
      return Promise.reject(new AppError('not-found', 'There is no such backup.'));
    }
    return Promise.resolve({
      sizeBytes: this.bytes.length,
      fileName: 'doorkeep-backup-2026-01-01T1200Z.age',
      open: (range: ByteRange | undefined) => {
        const { first, last } = range ?? { first: 0, last: this.bytes.length };
        return Promise.resolve(Readable.from([this.bytes.subarray(first, last + 1)]));
      },
    });
  }
}

/** Takes pieces of one backup; opens with `RIGHT_KEY`. */
export class FakeRestores implements RestoreService {
  readonly pieces: Buffer[] = [];
  restarts = 0;

  begin(): Promise<RestoreUpload> {
    this.pieces.length = 0;
    return Promise.resolve({ id: ARRIVING, arrivedBytes: 0, pieceMaxBytes: 1_000 });
  }

  assertArriving(id: string): void {
    if (id !== ARRIVING) throw new AppError('not-found', 'Nothing of that name arrives.');
  }

  add(id: string, _at: number, piece: Buffer): Promise<RestoreUpload> {
    this.assertArriving(id);
    this.pieces.push(piece);
    return Promise.resolve({
      ...{ id, arrivedBytes: Buffer.concat(this.pieces).length },
      pieceMaxBytes: 1_000,
    });
  }

  restore(id: string, recoveryKey: Buffer): Promise<RestoreDone> {
    this.assertArriving(id);
    if (recoveryKey.toString().trim() !== RIGHT_KEY) {
      const wrong = 'This recovery key does not open this backup.';
      return Promise.reject(
        new AppError('unprocessable', wrong, { reason: 'wrong-recovery-key', hint: 'Look again.' }),
      );
    }
    return Promise.resolve({ takenAt: '2026-01-01T12:00:00.000Z' });
  }

  restart(): void {
    this.restarts += 1;
  }
}

/** What arrives. */
export const ARRIVING = 'a'.repeat(32);

/** What opens it. */
export const RIGHT_KEY = 'AGE-SECRET-KEY-1RIGHT';
