/** What a camera did, as the owner reads it: an AppError with a sentence, a hint and a reason. Pure. */
import { AppError } from '../base/errors.ts';
import type { ChallengeOutcome } from './digest.ts';
import type { RtspResponse } from './message.ts';

/** Why a relay ended, in the terms of the gap that follows it. */
export type RelayEndReason =
  | 'unreachable'
  | 'wrong-password'
  | 'not-found'
  | 'refused'
  | 'redirected'
  | 'stalled'
  | 'disconnected'
  | 'corrupt'
  | 'stopped'
  | 'internal';

// Finer reasons of an AppError, by the end reason that they add up to.
const END_REASONS: Readonly<Record<string, RelayEndReason>> = {
  unreachable: 'unreachable',
  'connection-refused': 'unreachable',
  'wrong-password': 'wrong-password',
  'password-needed': 'wrong-password',
  'basic-refused': 'refused',
  'unknown-scheme': 'refused',
  'not-found': 'not-found',
  redirected: 'redirected',
  'camera-busy': 'refused',
  forbidden: 'refused',
  refused: 'refused',
  'no-tcp': 'refused',
  'public-address': 'refused',
  'reserved-address': 'refused',
  'bad-address': 'refused',
  'own-port': 'refused',
  'certificate-changed': 'refused',
  'no-answer': 'stalled',
  disconnected: 'disconnected',
  corrupt: 'corrupt',
  'not-our-process': 'internal',
};

/** A camera answered that we should go elsewhere. */
export class RedirectedError extends AppError {
  /** Host and port as it wrote them; undefined when it did not say. */
  readonly to: string | undefined;

  constructor(to: string | undefined, cause: Error) {
    const where = to === undefined ? 'elsewhere' : `to ${to}`;
    super('unprocessable', `The camera tried to send us ${where}. We did not go.`, {
      ...{ reason: 'redirected', cause },
      hint: 'If that is the camera’s new address, enter it. If not, take the camera off the network.',
    });
    this.to = to;
  }
}

/** The end reason of an AppError that `openRelay` threw, or that `closed` holds. */
export function relayEndReason(error: AppError): RelayEndReason {
  if (error.kind === 'cancelled') return 'stopped';
  return END_REASONS[error.reason ?? ''] ?? 'internal';
}

/** The error for a status that is not a success; undefined for 2xx. */
export function statusError(response: RtspResponse): AppError | undefined {
  const { status } = response;
  if (status >= 200 && status < 300) return undefined;
  const detail = new Error(`the camera answered ${String(status)} ${printable(response.phrase)}`);
  if (status >= 300 && status < 400) return redirectError(response, detail);
  if (status === 404 || status === 410) {
    return refusal('not-found', 'The camera has no picture at this address.', detail, {
      hint: 'Check the part of the address after the host; the camera’s manual names it.',
    });
  }
  if (status === 453 || status === 503) {
    return refusal('camera-busy', 'The camera is serving as many viewers as it can.', detail, {
      hint: 'Close other programs that watch it. Doorkeep needs one connection per picture.',
    });
  }
  if (status === 403) {
    return refusal('forbidden', 'The camera forbids this user to watch.', detail, {
      hint: 'Give this user the right to watch, in the camera’s own settings.',
    });
  }
  if (status === 461) {
    return refusal('no-tcp', 'The camera does not send pictures over TCP.', detail, {
      hint: 'Switch on RTSP over TCP in the camera’s own settings.',
    });
  }
  return refusal('refused', `The camera refused with the answer ${String(status)}.`, detail, {
    hint: 'Check the address and the camera’s settings; restart the camera if both are right.',
  });
}

/** The error for a login that cannot go on. */
export function loginError(outcome: Exclude<ChallengeOutcome, 'answer'>): AppError {
  switch (outcome) {
    case 'wrong-password':
      return refusal(outcome, 'The camera refuses the user name or the password.', undefined, {
        hint: 'Type them again. Many cameras have a separate account for this, set in their own app.',
      });
    case 'password-needed':
      return refusal(outcome, 'The camera asks for a user name and a password.', undefined, {
        hint: 'Enter those of the camera’s own account. Many cameras have a separate one for this.',
      });
    case 'basic-refused':
      return refusal(outcome, 'The camera suddenly wants the password unprotected.', undefined, {
        hint: 'Doorkeep did not send it. If the camera was reset or replaced, add it again.',
      });
    case 'unknown-scheme':
      return refusal(outcome, 'The camera asks for the password in an unknown way.', undefined, {
        hint: 'Choose “digest” as its authentication in the camera’s own settings.',
      });
  }
}

/** The camera did not answer a request in time. */
export function noAnswerError(method: string): AppError {
  return new AppError('timeout', 'The camera accepted the connection, but does not answer.', {
    reason: 'no-answer',
    cause: new Error(`no answer to ${method}`),
    hint: 'Check that the port is the one for RTSP (most use 554); restart the camera if it is.',
  });
}

/** The connection ended from the camera's side. */
export function disconnectedError(cause?: unknown): AppError {
  return new AppError('unavailable', 'The camera ended the connection.', {
    reason: 'disconnected',
    cause,
    hint: 'If this comes back, check its power and its network, or restart it.',
  });
}

/** Foreign bytes broke the protocol; keeps the detail as the cause. */
export function nonsenseError(cause: unknown): AppError {
  return new AppError('corrupt', 'The camera sent something that makes no sense.', {
    reason: 'corrupt',
    cause,
    hint: 'Check that the port is the one for RTSP (most use 554); update or restart the camera.',
  });
}

/** What a stranger's bytes may contribute to a sentence. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

function redirectError(response: RtspResponse, cause: Error): AppError {
  const location = response.headers.get('Location') ?? '';
  // Host and port only: a path may hold anything, user info included.
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#@]+)/i.exec(location)?.[1];
  return new RedirectedError(host === undefined ? undefined : printable(host), cause);
}

function refusal(
  reason: string,
  message: string,
  cause: Error | undefined,
  { hint }: { hint: string },
): AppError {
  return new AppError('unprocessable', message, { reason, cause, hint });
}
