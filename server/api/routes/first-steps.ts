/** /api/first-steps: what the household tried after set-up, and what it put away. */
import { FirstStepPatch, FirstSteps } from '../../contract/first-steps.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the routes. */
export function firstStepRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/first-steps',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'What was tried after set-up',
        querystring: NoQuery,
        response: { 200: FirstSteps, ...PROBLEMS },
      },
    },
    () => services.firstSteps.list(),
  );
  api.patch(
    '/api/first-steps',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Say what became of one',
        description:
          'What was tried stays so. `phones` is tried when somebody is signed in over HTTPS on ' +
          'another machine, which the box sees by itself: a request that says so is refused.',
        querystring: NoQuery,
        body: FirstStepPatch,
        response: { 200: FirstSteps, ...PROBLEMS },
      },
    },
    (request) => services.firstSteps.set(request.body),
  );
}
