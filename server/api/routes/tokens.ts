/** /api/tokens: rights of programs, given by hand. */
import { AccessTokens, MadeToken, NewToken } from '../../contract/tokens.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { IdParams, NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { takeSecret } from '../secret-bodies.ts';

const owner = { access: 'owner' } as const;

/** Adds the routes. */
export function tokenRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.get(
    '/api/tokens',
    {
      config: owner,
      schema: {
        summary: 'Which programs may do what',
        querystring: NoQuery,
        response: { 200: AccessTokens, ...PROBLEMS },
      },
    },
    () => ({ tokens: auth.tokens.list() }),
  );

  api.post(
    '/api/tokens',
    {
      config: { ...owner, object: { is: 'box' } },
      schema: {
        summary: 'Give a program a right',
        description:
          'The password is asked again. None opens stored footage, the doorstep window, live ' +
          'sockets or settings; `live-picture` opens one picture of one camera a second.',
        querystring: NoQuery,
        body: NewToken,
        response: { 201: MadeToken, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { name, scope, camera } = request.body;
      await auth.confirmPassword(identityOf(request), takeSecret(request, 'password'), request.ip);
      return reply.code(201).send(auth.tokens.make({ name, scope, camera }));
    },
  );

  api.delete(
    '/api/tokens/:id',
    {
      config: { ...owner, object: { is: 'box' } },
      schema: {
        summary: 'Take a right back, at once',
        description: 'For `file`, another token is written to the data folder in its place.',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.tokens.revoke(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
