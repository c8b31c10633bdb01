/** POST /api/setup: the first account, once. */
import { Setup, SetupDone } from '../../contract/setup.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';
import { sendRecoveryKey, takeSecret } from '../secret-bodies.ts';

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
          '`recoveryKey` is shown once: print it.',
        querystring: NoQuery,
        body: Setup,
        response: { 201: SetupDone, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const password = takeSecret(request, 'password');
      const done = await services.auth.setUp({ ...request.body, password }, request.ip);
      const { username, role, recoveryKey } = done;
      return sendRecoveryKey(reply.code(201), { fields: { user: username, role }, recoveryKey });
    },
  );
}
