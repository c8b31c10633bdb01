/** GET /api/metrics: counters for Prometheus. */
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function metricsRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/metrics',
    {
      config: { access: 'metrics' },
      schema: {
        summary: 'Counters, as Prometheus reads them',
        description: 'For a signed-in owner, or with the bearer token in DATA/keys/metrics-token.',
        querystring: NoQuery,
        response: {
          200: {
            description: 'Prometheus text format.',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (_request, reply) => {
      const { contentType, body } = await services.metrics.render();
      return reply.header('Content-Type', contentType).send(body);
    },
  );
}
