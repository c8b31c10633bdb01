/** How the routes' schemas become an OpenAPI 3.1 document. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { needOf, type Access } from '../auth/access.ts';
import type { TokenScope } from '../contract/tokens.ts';

/** OpenAPI security of a level: any entry suffices; none means anybody. */
function securityOf(access: Access): Record<string, string[]>[] {
  if (access === 'public' || access === 'setup') return [];
  const { scope } = needOf(access);
  return [{ session: [] }, ...(scope === undefined ? [] : [{ [TOKEN_NAMES[scope]]: [] }])];
}

const TOKEN_NAMES = {
  metrics: 'metricsToken',
  'live-picture': 'pictureToken',
} as const satisfies Record<TokenScope, string>;

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
          pictureToken: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      return {
        schema: {
          ...schema,
          // The level by its name, because several have the same security.
          ...(access !== undefined && { security: securityOf(access), 'x-access': access }),
        },
        url,
      };
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      shareProblems(document.openapiObject as Described);
      return document.openapiObject;
    },
  };
}

/** What is looked at of a description. */
interface Described {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  components?: { responses?: Record<string, unknown> };
}

interface DescribedOperation {
  readonly responses?: Record<string, unknown>;
}

/** Names of the answers that every route has (PROBLEMS). */
const SHARED = [
  ['4XX', 'Refused'],
  ['5XX', 'Failed'],
] as const;

/** Problems are the same everywhere: they are described once, and every route points there. */
function shareProblems(described: Described): void {
  const shared: Record<string, unknown> = {};
  const operations = Object.values(described.paths ?? {}).flatMap((methods) =>
    Object.values(methods),
  );
  for (const { responses } of operations) {
    for (const [status, name] of SHARED) {
      if (responses?.[status] === undefined) continue;
      shared[name] ??= responses[status];
      responses[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  described.components = { ...described.components, responses: shared };
}
