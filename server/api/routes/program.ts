/** GET /api/program: which Doorkeep this is. Not public: how old a box's program is, is nobody's business. */
import { Program } from '../../contract/program.ts';
import type { OwnDate } from '../../update/own-date.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function programRoutes(
  api: Api,
  { version }: RouteParts,
  own: OwnDate = { date: null, dateOf: 'nothing' },
): void {
  api.get(
    '/api/program',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: 'Which Doorkeep this is, and of when',
        querystring: NoQuery,
        response: { 200: Program, ...PROBLEMS },
      },
    },
    () => ({ version, ...own }),
  );
}
