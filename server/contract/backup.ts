/** Backups that were taken, and putting one back. */
import { Type, type Static } from '@sinclair/typebox';
import { TypedRecoveryKey } from './keys.ts';
import { strictObject } from './schema.ts';

/** A backup is an index and keys: 14 kB for each hour of a camera. This is three years of five. */
export const BACKUP_MAX_BYTES = 2 * 1024 ** 3;

/** One request may take 30 s: this is what the slowest Wi-Fi carries in that time, and what is held in
 * memory while it arrives. */
export const PIECE_MAX_BYTES = 4 * 1024 * 1024;

/** A backup that somebody took. Where it is now, Doorkeep does not know. */
export const Backup = strictObject({
  id: Type.String(),
  takenAt: Type.String({ format: 'date-time' }),
  takenBy: Type.Union([Type.String(), Type.Null()], {
    description: 'What the person was called then; null when it was taken at the command line.',
  }),
  sizeBytes: Type.Integer({ minimum: 1 }),
  keyGeneration: Type.Integer({
    minimum: 1,
    description: 'The recovery sheet of the household’s key with this number opens it.',
  }),
});

/** See `Backup`. */
export type Backup = Static<typeof Backup>;

/** Newest first, at most 100. */
export const BackupList = strictObject({ backups: Type.Array(Backup) });

/** See `BackupList`. */
export type BackupList = Static<typeof BackupList>;

/** What begins a restore. */
export const NewRestore = strictObject({
  setupToken: Type.String({ minLength: 1, maxLength: 128 }),
  sizeBytes: Type.Integer({
    minimum: 1,
    maximum: 2 ** 53 - 1,
    description: `Of the backup; at most ${String(BACKUP_MAX_BYTES)}.`,
  }),
});

/** See `NewRestore`. */
export type NewRestore = Static<typeof NewRestore>;

/** How much of the backup has arrived. */
export const RestoreUpload = strictObject({
  id: Type.String({ description: 'Secret: whoever has it may send the rest.' }),
  arrivedBytes: Type.Integer({ minimum: 0 }),
  pieceMaxBytes: Type.Integer({ minimum: 1, description: 'What one request may carry.' }),
});

/** See `RestoreUpload`. */
export type RestoreUpload = Static<typeof RestoreUpload>;

/** What opens the backup. */
export const RestoreKey = strictObject({ recoveryKey: TypedRecoveryKey });

/** See `RestoreKey`. */
export type RestoreKey = Static<typeof RestoreKey>;

/** What takes the place of the empty box now. */
export const RestoreDone = strictObject({ takenAt: Type.String({ format: 'date-time' }) });

/** See `RestoreDone`. */
export type RestoreDone = Static<typeof RestoreDone>;
