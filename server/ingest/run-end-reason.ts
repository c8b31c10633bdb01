/** From an error to the reason that a gap keeps. */
import { AppError } from '../base/errors.ts';
import { relayEndReason } from '../rtsp/relay.ts';
import type { RunEndReason } from './stream-run.ts';

/** Reasons that ingest itself gives (`AppError.reason`); the relay's are finer and are mapped there. */
const OWN_REASONS: ReadonlySet<string> = new Set<RunEndReason>([
  'redirected',
  'stalled',
  'network-too-slow',
  'no-video',
  'no-key-frames',
  'unsupported-codec',
  'format-changed',
  'corrupt',
  'clock-drift',
  'disabled',
  'removed',
  'stopped',
]);

/** The closed reason of whatever ended an attempt. */
export function runEndReason(error: AppError): RunEndReason {
  if (error.reason !== undefined && OWN_REASONS.has(error.reason)) {
    return error.reason as RunEndReason;
  }
  if (error.kind === 'cancelled') return 'stopped';
  // Whatever the finer reason of the box reader is.
  if (error.kind === 'corrupt') return 'corrupt';
  return relayEndReason(error);
}

/** The error to abort a stream with when it is ended on purpose. */
export function stopError(reason: 'disabled' | 'removed' | 'stopped'): AppError {
  return new AppError('cancelled', `ended: ${reason}`, { reason });
}
