/** /api/session: signing in, who is signed in, signing out. */
import { Session, SignedIn, SignIn } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { clearSessionCookie, sessionToken, setSessionCookie } from '../session-cookie.ts';

/** Adds the routes. */
export function sessionRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.get(
    '/api/session',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Who is signed in',
        querystring: NoQuery,
        response: { 200: Session, ...PROBLEMS },
      },
    },
    (request) => {
      const identity = identityOf(request);
      const { username, role } = identity;
      return { user: username, role, locked: auth.isLocked(identity) };
    },
  );

  api.post(
    '/api/session',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Sign in',
        description:
          'Sets the session cookie, and unlocks stored footage for it. Wrong tries are counted; ' +
          'too many answer 429.',
        querystring: NoQuery,
        body: SignIn,
        response: { 200: SignedIn, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const signedIn = await auth.signIn(request.body, request.ip, sessionToken(request));
      setSessionCookie(request, reply, signedIn.token);
      const { username, role, locked, recoveryKey } = signedIn;
      return { user: username, role, locked, ...(recoveryKey !== undefined && { recoveryKey }) };
    },
  );

  api.delete(
    '/api/session',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Sign out',
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    (request, reply) => {
      const token = sessionToken(request);
      if (token !== undefined) auth.signOut(token);
      clearSessionCookie(request, reply);
      return reply.code(204).send(null);
    },
  );
}
