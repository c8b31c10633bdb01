/** The promise that what a camera does wrong is told as a 422, within 15 s, and never as a 5xx. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { AppError, type ErrorKind } from '../base/errors.ts';
import { withDeadline } from './request-signal.ts';

/** Half a second below the promise, for closing down and answering. */
export const CAMERA_LIMIT_MS = 14_500;

/** Kinds that are the camera's doing when they come out of work with a camera. */
const CAMERA_FAULTS: ReadonlySet<ErrorKind> = new Set(['timeout', 'unavailable', 'corrupt']);

/** Runs work with a camera under the time limit. */
export async function withCamera<T>(
  reply: FastifyReply,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(reply, { clock, limitMs: CAMERA_LIMIT_MS, late }, work);
  } catch (cause) {
    if (!(cause instanceof AppError) || !CAMERA_FAULTS.has(cause.kind)) throw cause;
    throw new AppError('unprocessable', cause.message, {
      cause,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      ...(cause.reason === undefined ? {} : { reason: cause.reason }),
    });
  }
}

function late(): AppError {
  return new AppError('timeout', 'The camera did not answer in time.', {
    reason: 'too-slow',
    hint: 'Check that it is switched on and that its address is right, then try again.',
  });
}
