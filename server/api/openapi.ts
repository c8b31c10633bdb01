/** How the routes' schemas become an OpenAPI 3.1 document. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { Access } from '../auth/access.ts';

/** Access level to OpenAPI security: any entry suffices; none means anybody. */
const SECURITY: Readonly<Record<Access, Record<string, string[]>[]>> = {
  public: [],
  setup: [],
  owner: [{ session: [] }],
  footage: [{ session: [] }],
  metrics: [{ session: [] }, { metricsToken: [] }],
};

/** Options of @fastify/swagger. The version is the API's document, not the program's, so that a
 * release does not change the description. */
export function openapiOptions(): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Doorkeep',
        version: '1',
        description:
          'JSON; times are RFC 3339 in UTC; errors are RFC 9457 problems with a hint. An unknown ' +
          'field is a 400. Requests must come from the home network, to a name of this box.',
      },
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-doorkeep',
            description: 'Set by POST /api/session; named `doorkeep` on plain HTTP.',
          },
          metricsToken: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      return {
        schema: { ...schema, ...(access === undefined ? {} : { security: SECURITY[access] }) },
        url,
      };
    },
  };
}
