/** System errors of files in our terms. */
import { AppError, errnoCode } from '../base/errors.ts';

/**
 * What a file operation threw as an `io` AppError: reason `disk-full` when there is no room (a quota
 * counts), else `write-failed`; `not-found` when the file is not there. AppErrors come back as they
 * are.
 */
export function fileError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = errnoCode(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('io', 'the disk is full', {
      cause: thrown,
      reason: 'disk-full',
      hint: 'Free some space on the disk that holds the data folder.',
    });
  }
  if (code === 'ENOENT') {
    return new AppError('not-found', 'A file of the data folder is missing.', { cause: thrown });
  }
  return new AppError('io', 'the disk refused to read or write', {
    cause: thrown,
    reason: 'write-failed',
    hint: 'Check that the disk works and that Doorkeep may write to its data folder.',
  });
}
