/** Locking and unlocking stored footage, the recovery sheet, New key. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from '@sinclair/typebox';
import type { AuthService } from '../../auth/auth-service.ts';
import { AppError } from '../../base/errors.ts';
import { KeyHolders, NewKey, PhoneKept, Recovery, Unlock } from '../../contract/keys.ts';
import { PasswordAgain } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { clearKeptCookie, keptSecret, setKeptCookie } from '../kept-cookie.ts';
import { IdParams, NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { sendRecoveryKey, takeSecret, takeSecretIfAny } from '../secret-bodies.ts';

const member = { access: 'member' } as const;

/** A request without a body has none that could be null. */
const Nothing = Type.Unknown({ description: 'Nothing is needed.' });

/** Adds the routes. */
export function keyRoutes(api: Api, parts: RouteParts): void {
  lockRoutes(api, parts);
  recoveryRoute(api, parts);
  householdRoutes(api, parts);
  newKeyRoute(api, parts);
  phoneRoutes(api, parts);
}

function lockRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.post(
    '/api/lock',
    {
      config: { access: 'signed-in', liveOnly: true },
      schema: {
        summary: 'Lock stored footage, for everybody at once',
        description: 'Recording and live go on. Stored footage answers 423 until the next unlock.',
        querystring: NoQuery,
        body: Nothing,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (_request, reply) => {
      await auth.lock();
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/api/unlock',
    {
      config: member,
      schema: {
        summary: 'Unlock stored footage for this session',
        description:
          'Until 15 minutes after it was last read, or 12 hours. With `password`, or with `kept` ' +
          'where this browser is kept unlocked; 201 when it is from now on.',
        querystring: NoQuery,
        body: Unlock,
        response: { 201: PhoneKept, 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { kept, keepAs } = request.body;
      const phone = keepAs === undefined ? undefined : auth.kept.prepare(keepAs);
      const password = takeSecretIfAny(request, 'password');
      if (
        (password === undefined) === (kept === undefined) ||
        (kept !== undefined && phone !== undefined)
      ) {
        password?.fill(0);
        throw new AppError('invalid', 'Send the password, or that this phone is kept unlocked.', {
          hint: 'A name to keep it under goes with the password.',
        });
      }
      if (password === undefined)
        return unlockKept(request, reply, { auth, isPressed: kept === 'pressed' });
      const before = keptSecret(request);
      const claim = {
        ...{ password, ...(phone && { phone }) },
        ...(before !== undefined && { kept: Buffer.from(before, 'base64url') }),
      };
      await auth.unlock(identityOf(request), claim, request.ip);
      if (phone === undefined) return reply.code(204).send(null);
      setKeptCookie(request, reply, phone.secret);
      return reply.code(201).send({ id: phone.id });
    },
  );
}

/** Its cookie lives on while it is used, and goes when it opens nothing any more. */
async function unlockKept(
  request: FastifyRequest,
  reply: FastifyReply,
  { auth, isPressed }: { readonly auth: AuthService; readonly isPressed: boolean },
): Promise<FastifyReply> {
  const cookie = keptSecret(request);
  try {
    await auth.kept.unlock(identityOf(request), { cookie, isPressed });
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'conflict') clearKeptCookie(request, reply);
    throw thrown;
  }
  if (cookie !== undefined) setKeptCookie(request, reply, Buffer.from(cookie, 'base64url'));
  return reply.code(204).send(null);
}

function recoveryRoute(api: Api, { services }: RouteParts): void {
  api.post(
    '/api/recovery',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Replace a lost password with the recovery sheet',
        description:
          'Signs this person out everywhere. Whether the name or the key is wrong is not told; ' +
          'wrong tries are counted.',
        querystring: NoQuery,
        body: Recovery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const recoveryKey = takeSecret(request, 'recoveryKey');
      const newPassword = takeSecret(request, 'newPassword');
      await services.auth.recover({ ...request.body, recoveryKey, newPassword }, request.ip);
      return reply.code(204).send(null);
    },
  );
}

function householdRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.get(
    '/api/keys',
    {
      config: member,
      schema: {
        summary: 'Who can unlock stored footage',
        querystring: NoQuery,
        response: { 200: KeyHolders, ...PROBLEMS },
      },
    },
    (request) => auth.keyHolders(identityOf(request)),
  );
}

function phoneRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.delete(
    '/api/keys/phones/:id',
    {
      config: { ...member, object: { is: 'phone' } },
      schema: {
        summary: 'Keep a phone unlocked no longer',
        description: 'What it has open is locked at once.',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.kept.forget(identityOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/api/keys/phones/:id',
    {
      config: { ...member, object: { is: 'session' } },
      schema: {
        summary: 'Keep a phone unlocked after all',
        description:
          'Takes DELETE back: for 15 seconds, in the same session, until somebody locks.',
        params: IdParams,
        querystring: NoQuery,
        body: Nothing,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.kept.bringBack(identityOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function newKeyRoute(api: Api, { services }: RouteParts): void {
  const { auth } = services;
  api.post(
    '/api/keys',
    {
      config: { access: 'owner-footage' },
      schema: {
        summary: 'New key',
        description:
          'What is recorded from now on opens with the new sheet. The old sheet opens what was ' +
          'recorded before, and members open both. The password is asked again.',
        querystring: NoQuery,
        body: PasswordAgain,
        response: { 201: NewKey, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      const password = takeSecret(request, 'password');
      const recoveryKey = await auth.newKey(identity, password, request.ip);
      return sendRecoveryKey(reply.code(201), { fields: {}, recoveryKey });
    },
  );
}
