/** GET /api/openapi.json: all of this, described by itself. */
import { Type } from '@sinclair/typebox';
import type { Api } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function openapiRoutes(api: Api): void {
  api.get(
    '/api/openapi.json',
    {
      config: { access: 'public' },
      schema: {
        summary: 'This description',
        querystring: NoQuery,
        response: {
          200: Type.Unsafe<object>({ type: 'object', additionalProperties: true }),
          ...PROBLEMS,
        },
      },
    },
    () => api.swagger(),
  );
}
