import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { REASON_TEXTS } from '../../../server/camera/reason-text.ts';
import { GAP_REASONS } from '../../../server/contract/recording.ts';
import { runEndReason, stopError } from '../../../server/ingest/run-end-reason.ts';
import type { RunEndReason } from '../../../server/ingest/stream-run.ts';

/** What the relay, the gateway and ingest itself put into `AppError.reason`, and what it adds up to. */
const FROM_REASON: readonly (readonly [string, RunEndReason])[] = [
  ['unreachable', 'unreachable'],
  ['connection-refused', 'unreachable'],
  ['wrong-password', 'wrong-password'],
  ['password-needed', 'wrong-password'],
  ['basic-refused', 'refused'],
  ['unknown-scheme', 'refused'],
  ['not-found', 'not-found'],
  ['redirected', 'redirected'],
  ['camera-busy', 'refused'],
  ['forbidden', 'refused'],
  ['refused', 'refused'],
  ['no-tcp', 'refused'],
  ['public-address', 'refused'],
  ['reserved-address', 'refused'],
  ['bad-address', 'refused'],
  ['own-port', 'refused'],
  ['certificate-changed', 'refused'],
  ['no-answer', 'stalled'],
  ['stalled', 'stalled'],
  ['disconnected', 'disconnected'],
  ['network-too-slow', 'network-too-slow'],
  ['no-video', 'no-video'],
  ['no-key-frames', 'no-key-frames'],
  ['unsupported-codec', 'unsupported-codec'],
  ['format-changed', 'format-changed'],
  ['corrupt', 'corrupt'],
  ['clock-drift', 'clock-drift'],
  ['not-our-process', 'internal'],
];

describe('runEndReason', () => {
  it.each(FROM_REASON)('makes %s into %s', (reason, expected) => {
    expect(runEndReason(new AppError('unavailable', 'x', { reason }))).toBe(expected);
  });

  it.each(['disabled', 'removed', 'stopped'] as const)('keeps why it was ended: %s', (reason) => {
    expect(stopError(reason).kind).toBe('cancelled');
    expect(runEndReason(stopError(reason))).toBe(reason);
  });

  it('takes an abort without a reason for a stop', () => {
    expect(runEndReason(new AppError('cancelled', 'stopped'))).toBe('stopped');
  });

  it('takes what nobody foresaw for a defect', () => {
    expect(runEndReason(new AppError('internal', 'x'))).toBe('internal');
    expect(runEndReason(new AppError('io', 'x', { reason: 'never-heard-of' }))).toBe('internal');
  });

  it('says corrupt of bytes that broke their format, also without a reason', () => {
    expect(runEndReason(new AppError('corrupt', 'x'))).toBe('corrupt');
  });
});

it('every reason is one that a gap can keep', () => {
  const reasons = Object.keys(REASON_TEXTS);
  expect(reasons.filter((reason) => !(GAP_REASONS as readonly string[]).includes(reason))).toEqual(
    [],
  );
  expect(FROM_REASON.every(([, reason]) => reason in REASON_TEXTS)).toBe(true);
});
