/** /api/protected: footage that no rule deletes. */
import {
  NewProtectedRange,
  ProtectedId,
  ProtectedQuery,
  ProtectedRanges,
} from '../../contract/protected.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { IdParams, NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { timeRange } from '../time-range.ts';

const owner = { access: 'owner' } as const;

/** Adds the routes. */
export function protectedRoutes(api: Api, { services }: RouteParts): void {
  const { protectedFootage } = services;

  api.get(
    '/api/protected',
    {
      config: owner,
      schema: {
        summary: 'Protected ranges of a camera that touch a range',
        querystring: ProtectedQuery,
        response: { 200: ProtectedRanges, ...PROBLEMS },
      },
    },
    (request) =>
      protectedFootage.ranges({ cameraId: request.query.camera, ...timeRange(request.query) }),
  );

  api.post(
    '/api/protected',
    {
      config: owner,
      schema: {
        summary: 'Protect footage from every rule',
        description:
          'At most 31 days at once, and 1,000 ranges. Files that the range touches stay whole. ' +
          'Removing the camera deletes them all the same.',
        querystring: NoQuery,
        body: NewProtectedRange,
        response: { 201: ProtectedId, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { userId } = identityOf(request);
      const range = timeRange(request.body);
      const id = await protectedFootage.protect({
        ...{ cameraId: request.body.camera, ...range, userId },
      });
      return reply.code(201).send({ id });
    },
  );

  api.delete(
    '/api/protected/:id',
    {
      config: owner,
      schema: {
        summary: 'End a protection; nothing is deleted by that',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    (request, reply) => {
      protectedFootage.unprotect(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
