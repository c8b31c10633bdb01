/** Every way in which an error becomes an answer. */
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { needOf } from '../auth/access.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { PROBLEM_MEDIA_TYPE, type Problem } from '../contract/problem.ts';
import { FASTIFY_FAULTS, METHOD_NOT_ALLOWED, NOT_HTTP, PARSER_FAULTS } from './error-table.ts';
import { problemOf, problemOfFault } from './problem.ts';
import { endIfUpgrade } from './upgrades.ts';
import { validationSentence } from './validation-sentence.ts';

/** Sends a problem with the headers that belong to its status. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  if (problem.status === 401) {
    // RFC 9110 15.5.2 demands a challenge. Only Bearer is registered; a browser's own password
    // window, which Basic would open, is not wanted.
    const { access = 'public' } = request.routeOptions.config;
    const scope = access === 'public' || access === 'setup' ? undefined : needOf(access).scope;
    void reply.header('WWW-Authenticate', scope ? `Bearer realm="${scope}"` : 'Session');
  }
  // As text, because a route's answer schema knows its own shapes, and a problem is always this one.
  void reply
    .code(problem.status)
    .header('Content-Type', PROBLEM_MEDIA_TYPE)
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem);
}

/** fastify's error handler: what a hook, a schema, the body parser or a handler threw. */
export function replyToError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): void {
  const fault = isFastifyError(error) ? FASTIFY_FAULTS.get(error.code) : undefined;
  if (fault !== undefined) {
    sendProblem(request, reply, problemOfFault(fault));
    return;
  }
  const known = isFastifyError(error) ? fromSchema(error) : toAppError(error);
  if (known.retryAfterMs !== undefined) {
    void reply.header('Retry-After', String(Math.ceil(known.retryAfterMs / 1000)));
  }
  const problem = problemOf(known);
  if (problem.status >= 500) {
    log.error(
      { route: routeOf(request), ...errorFields(known) },
      'a request could not be answered',
    );
  }
  sendProblem(request, reply, problem);
}

/** The route's pattern, never the address itself: that may hold names and times. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? '(none)';
}

/** Answers for an address without a route; `allowed` are the methods of other routes on it. */
export function replyToUnknown(
  request: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): void {
  if (allowed.length > 0) {
    void reply.header('Allow', allowed.join(', '));
    sendProblem(request, reply, problemOfFault(METHOD_NOT_ALLOWED));
    return;
  }
  sendProblem(request, reply, problemOf(new AppError('not-found', 'There is nothing here.')));
}

/** What fastify refuses before any hook has run (a path with broken escapes): the headers that the
 * hooks would have set are set here. */
export function replyToFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  endIfUpgrade(request, reply);
  const fault = FASTIFY_FAULTS.get(error.code);
  const problem = fault === undefined ? problemOf(toAppError(error)) : problemOfFault(fault);
  sendProblem(request, reply, problem);
}

/** The part of a socket that answers and hangs up. */
export interface BareSocket {
  readonly writable: boolean;
  write(text: string): unknown;
  /** Closes once what was written has left. */
  destroySoon(): void;
}

/** What node:http refuses before fastify sees it: an answer written by hand, then the end. */
export function replyToClientError(error: { code?: string }, socket: BareSocket): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const problem = problemOfFault(PARSER_FAULTS.get(error.code ?? '') ?? NOT_HTTP);
    const body = JSON.stringify(problem);
    socket.write(
      [
        `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}`,
        `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
        `Content-Length: ${String(Buffer.byteLength(body))}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}

/** fastify's own errors carry a code and perhaps a schema's findings. */
function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && !(error instanceof AppError) && 'code' in error;
}

function fromSchema(error: FastifyError): AppError {
  if (error.validation === undefined) return toAppError(error);
  // An id in the address that has the wrong shape is one that nobody has.
  if (error.validationContext === 'params') {
    return new AppError('not-found', 'There is nothing with this id.', { cause: error });
  }
  const sentence = validationSentence(error.validation, error.validationContext);
  return new AppError('invalid', sentence, { cause: error });
}
