/** GET /api/health: for monitors and for the page before anybody signed in. */
import { Health } from '../../contract/health.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function healthRoutes(api: Api, { services, version }: RouteParts): void {
  api.get(
    '/api/health',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Whether the box works',
        querystring: NoQuery,
        response: { 200: Health, ...PROBLEMS },
      },
    },
    () => ({ status: services.health.status(), version, setUp: services.auth.isSetUp() }),
  );
}
