/** A camera that a request names. */
import { AppError } from '../base/errors.ts';
import { cameraById } from './cameras.ts';
import type { Database } from './database.ts';

/** `not-found` unless the household has it. */
export function ofKnownCamera(db: Database, cameraId: string): void {
  if (cameraById(db, cameraId) === undefined) {
    throw new AppError('not-found', 'There is no such camera.', {
      hint: 'It may have been removed. Look at the list of cameras.',
    });
  }
}
