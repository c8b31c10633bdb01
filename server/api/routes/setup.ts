/** POST /api/setup: the first account, once. */
import { Setup, SetupDone } from '../../contract/setup.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function setupRoutes(api: Api, { services }: RouteParts): void {
  api.post(
    '/api/setup',
    {
      config: { access: 'setup' },
      schema: {
        summary: 'Make the first account',
        description:
          'Works once, with the code shown where Doorkeep was started; afterwards 409. ' +
          '`recoveryKey` is shown once: print it. Where footage is there already (the database was ' +
          'lost), its household goes on with the password or the recovery key it had; 409 with the ' +
          'reason household-there for any other password.',
        querystring: NoQuery,
        body: Setup,
        response: { 201: SetupDone, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const done = await services.auth.setUp(request.body, request.ip);
      const { username, role, recoveryKey } = done;
      const sheet = recoveryKey === undefined ? {} : { recoveryKey };
      return reply.code(201).send({ user: username, role, ...sheet });
    },
  );
}
