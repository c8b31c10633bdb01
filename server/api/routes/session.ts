/** /api/session: signing in, who is signed in, signing out. */
import { Session, SignIn } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { clearSessionCookie, sessionToken, setSessionCookie } from '../session-cookie.ts';

/** Nothing is sealed yet, so nothing is ever locked. */
const LOCKED = false;

/** Adds the routes. */
export function sessionRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;
  const answers = { 200: Session, ...PROBLEMS } as const;

  api.get(
    '/api/session',
    {
      config: { access: 'owner' },
      schema: { summary: 'Who is signed in', querystring: NoQuery, response: answers },
    },
    (request) => {
      const { username, role } = identityOf(request);
      return { user: username, role, locked: LOCKED };
    },
  );

  api.post(
    '/api/session',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Sign in',
        description: 'Sets the session cookie. Wrong tries are counted; too many answer 429.',
        querystring: NoQuery,
        body: SignIn,
        response: answers,
      },
    },
    async (request, reply) => {
      const signedIn = await auth.signIn(request.body, request.ip, sessionToken(request));
      setSessionCookie(request, reply, signedIn.token);
      return { user: signedIn.username, role: signedIn.role, locked: LOCKED };
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
