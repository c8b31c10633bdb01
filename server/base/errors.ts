/** One error type with a closed set of kinds. Kind to HTTP status is one table, in `api/`. */

/** What went wrong, in terms a caller can act on. */
export type ErrorKind =
  /** The request or argument does not have the right shape. */
  | 'invalid'
  /** Nobody is signed in, or the password or token is wrong. */
  | 'unauthenticated'
  /** Signed in, but this is not theirs to do; or the request comes from another origin. */
  | 'forbidden'
  | 'not-found'
  /** The state of things does not allow it (set-up done already, name taken, data folder in use). */
  | 'conflict'
  /** Well-formed, but what it names cannot be used (a camera that refuses the password). */
  | 'unprocessable'
  /** Stored footage is sealed and nobody has unlocked it. */
  | 'locked'
  /** Too many failures from this account and address. */
  | 'throttled'
  /** A stated limit was passed: queue, buffer, size. */
  | 'exhausted'
  /** Something did not answer in its stated time. */
  | 'timeout'
  /** Foreign bytes broke their format. */
  | 'corrupt'
  /** The other end cannot be reached or went away. */
  | 'unavailable'
  /** The disk or database refused. */
  | 'io'
  /** Stopped on purpose. */
  | 'cancelled'
  /** A defect of ours. */
  | 'internal';

/** What an `AppError` may carry besides kind and message. */
export interface AppErrorOptions {
  /** What the person can do next: one sentence, no secrets. */
  hint?: string;
  /** The error underneath. Required whenever another error is being wrapped. */
  cause?: unknown;
  /** A stable machine-readable reason within the kind, e.g. `wrong-password`. */
  reason?: string;
  /** When trying again may help, for `throttled` and `exhausted`; becomes Retry-After. */
  retryAfterMs?: number;
}

/** The only error type that leaves a function on purpose. Messages never hold a secret. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.hint = options.hint;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The error of an aborted signal; keeps `signal.reason` as the cause, which says why. */
export function cancelled(signal?: AbortSignal): AppError {
  const reason: unknown = signal?.reason;
  if (reason instanceof AppError) return reason;
  return new AppError('cancelled', 'stopped', reason === undefined ? {} : { cause: reason });
}

/** Any thrown value as an AppError; what is not one already becomes `fallback` with its cause. */
export function toAppError(
  thrown: unknown,
  fallback: ErrorKind = 'internal',
  message?: string,
): AppError {
  if (thrown instanceof AppError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError(fallback, message ?? text, { cause: thrown });
}

/** The `code` of a Node.js system error (`ENOSPC`, `ECONNREFUSED`), if it has one. */
export function errnoCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** An error and its causes, outermost first, as one line for the log. */
export function errorChain(thrown: unknown): string {
  const parts: string[] = [];
  let current: unknown = thrown;
  // A cause that points back at itself must not hang the logger.
  for (let depth = 0; current !== undefined && depth < 8; depth += 1) {
    if (!(current instanceof Error)) {
      parts.push(typeof current === 'string' ? current : typeof current);
      break;
    }
    const label = current instanceof AppError ? current.kind : current.name;
    parts.push(`${label}: ${current.message}`);
    current = current.cause;
  }
  return parts.join(' <- ');
}
