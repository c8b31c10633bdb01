/** Checks a route's declared access, before anything of the body is read. */
import type { FastifyRequest } from 'fastify';
import { mayUse, needOf, type PersonalAccess } from '../auth/access.ts';
import type { AuthService, Identity } from '../auth/auth-service.ts';
import { AppError } from '../base/errors.ts';
import { cameraNamed } from './object-rules.ts';
import { sessionToken } from './session-cookie.ts';

/** RFC 6750 2.1. */
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** Sets `request.identity` where the route needs somebody; throws when nobody fits. */
export function checkAccess(request: FastifyRequest, auth: AuthService): void {
  // Undefined for an address that no route has: the 404 that follows tells nothing.
  const { access } = request.routeOptions.config;
  if (access === undefined || access === 'public') return;
  if (access === 'setup') {
    auth.assertNotSetUp();
    return;
  }
  if (hasToken(request, access, auth)) return;
  const identity = signedIn(request, auth);
  assertMayUse(access, identity);
  request.identity = identity;
  if (needOf(access).unlocked === true) auth.assertUnlocked(identity);
}

/** Whether somebody, as they are now, would still be let through to what they are being answered. */
export function isStillAllowed(access: PersonalAccess, now: Identity, auth: AuthService): boolean {
  return mayUse(access, now) && (needOf(access).unlocked !== true || !auth.isLocked(now));
}

/** Who is asking, in a handler of a route that needs somebody. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) {
    throw new AppError('internal', 'a handler asked who is signed in on a route that does not');
  }
  return request.identity;
}

function signedIn(request: FastifyRequest, auth: AuthService): Identity {
  const identity = auth.identify(sessionToken(request));
  if (identity === undefined) {
    throw new AppError('unauthenticated', 'Nobody is signed in here.', {
      reason: 'not-signed-in',
      hint: auth.isSetUp() ? 'Sign in first.' : 'Set the box up first.',
    });
  }
  if (identity.isLiveOnly && request.routeOptions.config.liveOnly !== true) {
    throw new AppError('forbidden', 'A wall screen shows live and nothing else.', {
      reason: 'live-only',
      hint: 'Leave the wall screen, then sign in here for everything else.',
    });
  }
  return identity;
}

function assertMayUse(access: PersonalAccess, identity: Identity): void {
  if (mayUse(access, identity)) return;
  throw new AppError('forbidden', 'This is not yours to see or change here.', {
    reason: 'not-allowed',
    hint: 'The owner of the box decides who may. The list of people says what you may do.',
  });
}

/** A program comes with a token instead of a person: to counters, or to a picture of its camera. */
function hasToken(request: FastifyRequest, access: PersonalAccess, auth: AuthService): boolean {
  const { scope } = needOf(access);
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (scope === undefined || token === undefined) return false;
  if (scope === 'metrics') return auth.tokens.opensMetrics(token);
  const cameraId = cameraNamed(request);
  return cameraId !== undefined && auth.tokens.opensPicture(token, cameraId);
}
