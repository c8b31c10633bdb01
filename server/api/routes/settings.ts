/** /api/settings: what the owner sets for the whole box. */
import { Settings, SettingsPatch } from '../../contract/settings.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the routes. */
export function settingsRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/settings',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: 'The box’s settings',
        querystring: NoQuery,
        response: { 200: Settings, ...PROBLEMS },
      },
    },
    () => services.settings.get(),
  );
  api.patch(
    '/api/settings',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Change the box’s settings',
        description:
          'At once. Who loses access by a smaller reach still gets the answer to this request.',
        querystring: NoQuery,
        body: SettingsPatch,
        response: { 200: Settings, ...PROBLEMS },
      },
    },
    (request) => services.settings.change(request.body),
  );
}
