/** POST /api/setup: the first account, once. */
import { Setup, SetupDone } from '../../contract/setup.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';
import { sendRecoveryKey, takeSecret, takeSecretIfAny } from '../secret-bodies.ts';

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
      const password = takeSecret(request, 'password');
      const recoveryKey = typedOrNone(takeSecretIfAny(request, 'recoveryKey'));
      const input = { ...request.body, password, recoveryKey };
      const done = await services.auth.setUp(input, request.ip);
      const fields = { user: done.username, role: done.role };
      reply.code(201);
      if (done.recoveryKey === undefined) return reply.send(fields);
      return sendRecoveryKey(reply, { fields, recoveryKey: done.recoveryKey });
    },
  );
}

/** Blanks are none. */
function typedOrNone(typed: Buffer | undefined): Buffer | undefined {
  return typed?.every((byte) => BLANKS.includes(byte)) === true ? undefined : typed;
}

const BLANKS = Buffer.from(' \t\r\n');
