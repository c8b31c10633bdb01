/** The cookie of a phone that is kept unlocked: sent to the unlock route alone. */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What a browser sends it with. */
const PATH = '/api/unlock';

/** As long as an unused phone is remembered (keys/kept-phones.ts). */
const MAX_AGE_S = 90 * 24 * 3_600;

/** `__Secure-`: browsers take it over TLS only. `__Host-` would send it to every route. */
const SECURE_NAME = '__Secure-doorkeep-kept';
const LOOPBACK_NAME = 'doorkeep-kept';

/** The secret that came with a request, as text. */
export function keptSecret(request: FastifyRequest): string | undefined {
  return request.cookies[cookieName(request)];
}

/** Gives the browser its secret, or lets it keep it longer; zeroes the bytes. */
export function setKeptCookie(request: FastifyRequest, reply: FastifyReply, secret: Buffer): void {
  const value = secret.toString('base64url');
  secret.fill(0);
  reply.setCookie(cookieName(request), value, { ...attributes(request), maxAge: MAX_AGE_S });
}

/** Takes it away. */
export function clearKeptCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), attributes(request));
}

function cookieName(request: FastifyRequest): string {
  return request.protocol === 'https' ? SECURE_NAME : LOOPBACK_NAME;
}

function attributes({ protocol }: FastifyRequest): CookieSerializeOptions {
  return { path: PATH, httpOnly: true, sameSite: 'strict', secure: protocol === 'https' };
}
