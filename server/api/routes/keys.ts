/** Locking and unlocking stored footage, the recovery sheet, New key. */
import { Type } from '@sinclair/typebox';
import { KeyHolders, NewKey, Recovery } from '../../contract/keys.ts';
import { PasswordAgain } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';

const owner = { access: 'owner' } as const;

/** A request without a body has none that could be null. */
const Nothing = Type.Unknown({ description: 'Nothing is needed.' });

/** Adds the routes. */
export function keyRoutes(api: Api, parts: RouteParts): void {
  lockRoutes(api, parts);
  recoveryRoute(api, parts);
  householdRoutes(api, parts);
}

function lockRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.post(
    '/api/lock',
    {
      config: owner,
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
      config: owner,
      schema: {
        summary: 'Unlock stored footage for this session',
        description: 'Until 15 minutes after it was last read, or 12 hours.',
        querystring: NoQuery,
        body: PasswordAgain,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.unlock(identityOf(request), request.body.password, request.ip);
      return reply.code(204).send(null);
    },
  );
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
      await services.auth.recover(request.body, request.ip);
      return reply.code(204).send(null);
    },
  );
}

function householdRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.get(
    '/api/keys',
    {
      config: owner,
      schema: {
        summary: 'Who can unlock stored footage',
        querystring: NoQuery,
        response: { 200: KeyHolders, ...PROBLEMS },
      },
    },
    () => auth.keyHolders(),
  );

  api.post(
    '/api/keys',
    {
      config: { access: 'footage' },
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
      const recoveryKey = await auth.newKey(identity, request.body.password, request.ip);
      return reply.code(201).send({ recoveryKey });
    },
  );
}
