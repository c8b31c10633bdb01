/** /api/protected: footage that no rule deletes. */
import { AppError } from '../../base/errors.ts';
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

const member = { access: 'member' } as const;

/** Adds the routes. */
export function protectedRoutes(api: Api, { services }: RouteParts): void {
  const { protectedFootage } = services;

  api.get(
    '/api/protected',
    {
      config: { ...member, object: { is: 'camera', in: 'query', named: 'camera' } },
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
      config: { ...member, object: { is: 'camera', in: 'body', named: 'camera' } },
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
      config: { ...member, object: { is: 'protected-range' } },
      schema: {
        summary: 'End a protection; nothing is deleted by that',
        description: 'Your own; the owner ends any.',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    (request, reply) => {
      const { role, userId } = identityOf(request);
      const { id } = request.params;
      const found = protectedFootage.find(id);
      if (role !== 'owner' && found !== undefined && found.userId !== userId) throw othersRange();
      protectedFootage.unprotect(id);
      return reply.code(204).send(null);
    },
  );
}

/** It may be what somebody wants to be seen later. */
function othersRange(): AppError {
  return new AppError('forbidden', 'Somebody else has protected this.', {
    reason: 'not-yours',
    hint: 'Ask them, or the owner of the box, to end it.',
  });
}
