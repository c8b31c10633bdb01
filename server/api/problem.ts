/** Errors as RFC 9457 problem documents, without stacks, paths or secrets. */
import type { AppError } from '../base/errors.ts';
import { secrets } from '../base/secret.ts';
import type { Problem } from '../contract/problem.ts';
import { ERROR_TABLE, type HttpFault } from './error-table.ts';

/** Said instead of a message that may come from below. */
const HIDDEN_DETAIL = 'Something went wrong inside Doorkeep. Its log says what.';

/** An AppError as a problem. */
export function problemOf(error: AppError): Problem {
  const { status, title, shown } = ERROR_TABLE[error.kind];
  return {
    type: `urn:doorkeep:problem:${error.kind}`,
    title,
    status,
    detail: shown ? secrets.redact(error.message) : HIDDEN_DETAIL,
    ...(error.hint === undefined ? {} : { hint: secrets.redact(error.hint) }),
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  };
}

/** A fault of the HTTP layer as a problem. */
export function problemOfFault(fault: HttpFault): Problem {
  const { slug, status, title, detail, hint } = fault;
  return {
    type: `urn:doorkeep:problem:${slug}`,
    title,
    status,
    detail,
    ...(hint === undefined ? {} : { hint }),
  };
}
