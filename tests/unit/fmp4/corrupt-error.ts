/** How a test says which damage it expects. */
import { expect } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import type { CorruptReason } from '../../../server/fmp4/corrupt.ts';

/** Expects `run` to throw an AppError of this kind and reason; answers with it. */
export function expectError(
  kind: AppError['kind'],
  reason: string | undefined,
  run: () => unknown,
): AppError {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  const error = thrown as AppError;
  expect({ kind: error.kind, reason: error.reason }).toEqual({ kind, reason });
  return error;
}

/** Expects `run` to throw a `corrupt` AppError with this reason. */
export function expectCorrupt(reason: CorruptReason, run: () => unknown): AppError {
  return expectError('corrupt', reason, run);
}
