/** Checks a route's declared access, before anything of the body is read. */
import type { FastifyRequest } from 'fastify';
import type { AuthService, Identity } from '../auth/auth-service.ts';
import { AppError } from '../base/errors.ts';
import { sessionToken } from './session-cookie.ts';

/** RFC 6750 2.1. */
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** Sets `request.identity` where the route needs somebody; throws when nobody fits. */
export function checkAccess(request: FastifyRequest, auth: AuthService): void {
  // Undefined for an address that no route has: the 404 that follows tells nothing.
  const { access } = request.routeOptions.config;
  switch (access) {
    case undefined:
    case 'public':
      return;
    case 'setup':
      auth.assertNotSetUp();
      return;
    case 'metrics':
      if (hasMetricsToken(request, auth)) return;
      request.identity = signedIn(request, auth);
      return;
    case 'owner':
      request.identity = signedIn(request, auth);
      return;
    case 'footage':
      request.identity = signedIn(request, auth);
      auth.assertUnlocked(request.identity);
  }
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

function hasMetricsToken(request: FastifyRequest, auth: AuthService): boolean {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  return token !== undefined && auth.isMetricsToken(token);
}
