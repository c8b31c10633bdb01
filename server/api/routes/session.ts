/** /api/session: signing in, who is signed in, signing out. */
import { Type } from '@sinclair/typebox';
import { PasswordChange, Session, SignedIn, SignIn } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { sendRecoveryKey, takeSecret } from '../secret-bodies.ts';
import { clearSessionCookie, sessionToken, setSessionCookie } from '../session-cookie.ts';

const liveOnly = { access: 'signed-in', liveOnly: true } as const;

/** Adds the routes. */
export function sessionRoutes(api: Api, parts: RouteParts): void {
  personRoutes(api, parts);
  wallScreenRoute(api, parts);
  passwordRoute(api, parts);
}

function personRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.get(
    '/api/session',
    {
      config: liveOnly,
      schema: {
        summary: 'Who is signed in',
        querystring: NoQuery,
        response: { 200: Session, ...PROBLEMS },
      },
    },
    (request) => {
      const identity = identityOf(request);
      const { username, role, mayExport, isLiveOnly: liveOnly } = identity;
      return { user: username, role, mayExport, locked: auth.isLocked(identity), liveOnly };
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
      const input = { ...request.body, password: takeSecret(request, 'password') };
      const signedIn = await auth.signIn(input, request.ip, sessionToken(request));
      setSessionCookie(request, reply, signedIn.token);
      request.identity = auth.identify(signedIn.token) ?? null;
      const { username, role, mayExport, locked, recoveryKey } = signedIn;
      const fields = { user: username, role, mayExport, locked, liveOnly: false };
      if (recoveryKey === undefined) return fields;
      return sendRecoveryKey(reply, { fields, recoveryKey });
    },
  );

  api.delete(
    '/api/session',
    {
      config: liveOnly,
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

function wallScreenRoute(api: Api, { services }: RouteParts): void {
  api.post(
    '/api/session/live-only',
    {
      config: liveOnly,
      schema: {
        summary: 'Make this browser a wall screen',
        description:
          'It shows live and nothing else: stored footage, unlocking and settings are refused to it ' +
          'until it is signed out.',
        querystring: NoQuery,
        body: Type.Unknown({ description: 'Nothing is needed.' }),
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      services.auth.makeLiveOnly(identityOf(request));
      return reply.code(204).send(null);
    },
  );
}

function passwordRoute(api: Api, { services }: RouteParts): void {
  api.post(
    '/api/session/password',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: 'Another password for who is signed in',
        description:
          'The old one is asked. Every other browser of this person is signed out, and no phone of ' +
          'theirs is kept unlocked any more.',
        querystring: NoQuery,
        body: PasswordChange,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const password = takeSecret(request, 'password');
      const newPassword = takeSecret(request, 'newPassword');
      const { people } = services.auth;
      await people.changePassword(identityOf(request), { password, newPassword }, request.ip);
      return reply.code(204).send(null);
    },
  );
}
