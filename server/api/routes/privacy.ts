/** GET /api/privacy: what leaves the box, and what does not. */
import { Type } from '@sinclair/typebox';
import { Privacy } from '../../contract/privacy.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function privacyRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/privacy',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Whom the box is connected to, whom it spoke to, what it refused',
        querystring: NoQuery,
        response: { 200: Privacy, ...PROBLEMS },
      },
    },
    () => services.privacy.report(),
  );
  api.post(
    '/api/privacy/try',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Try now whether the kernel lets a packet out of the home',
        description: 'To addresses that nobody has, with one hop to live. It should be refused.',
        querystring: NoQuery,
        body: Type.Null(),
        response: { 200: Privacy, ...PROBLEMS },
      },
    },
    async () => {
      await services.privacy.tryKernel();
      return services.privacy.report();
    },
  );
}
