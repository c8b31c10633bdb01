/** GET /api/storage: what is stored, and how much room there is. */
import { StorageUse } from '../../contract/storage.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function storageRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/storage',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Footage of each camera, and room on the disk',
        querystring: NoQuery,
        response: { 200: StorageUse, ...PROBLEMS },
      },
    },
    async (request) => {
      const use = await services.storage.use();
      return { ...use, locked: services.auth.isLocked(identityOf(request)) };
    },
  );
}
