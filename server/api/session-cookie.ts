/** The cookie that says which browser this is. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CookieSerializeOptions } from '@fastify/cookie';
import { SESSION_MAX_MS } from '../auth/sessions.ts';

/** `__Host-`: browsers take it from this host over TLS only, and for all of it, so that a neighbour
 * on the same domain cannot plant one (RFC 6265bis 4.1.3.2). */
const SECURE_NAME = '__Host-doorkeep';

/** Plain HTTP, which is spoken on loopback only, cannot set a `__Host-` cookie. Another name, so
 * that the two never stand in for each other. */
const LOOPBACK_NAME = 'doorkeep';

/** The session token that came with a request, if one did. */
export function sessionToken(request: FastifyRequest): string | undefined {
  return request.cookies[cookieName(request)];
}

/** Gives the browser its session. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): void {
  reply.setCookie(cookieName(request), token, {
    ...attributes(request),
    maxAge: SESSION_MAX_MS / 1000,
  });
}

/** Takes it away. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), attributes(request));
}

function isSecure(request: FastifyRequest): boolean {
  // From the socket: `trustProxy` is off, so no header has a say (ASVS 4.1.3).
  return request.protocol === 'https';
}

function cookieName(request: FastifyRequest): string {
  return isSecure(request) ? SECURE_NAME : LOOPBACK_NAME;
}

function attributes(request: FastifyRequest): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(request) };
}
