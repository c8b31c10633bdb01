/** /api/storage: what is stored, how long it stays, and how much room there is. */
import { Type } from '@sinclair/typebox';
import { AppError } from '../../base/errors.ts';
import { strictObject } from '../../contract/schema.ts';
import {
  KEEP_BYTES_MAX,
  KEEP_BYTES_MIN,
  KEEP_DAYS_MAX,
  KeepLimits,
  KeepPreview,
  KeepPreviewQuery,
  StorageDays,
  StorageDaysQuery,
  StorageUse,
  USE_DAYS_MAX,
} from '../../contract/storage.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { seenDays, seenUse } from '../seen-by.ts';

const member = { access: 'member' } as const;
const named = { is: 'camera', in: 'params', named: 'cameraId' } as const;
const ofCamera = { access: 'owner', object: named } as const;

const CameraParams = strictObject({ cameraId: Type.String() });

/** Adds the routes. */
export function storageRoutes(api: Api, parts: RouteParts): void {
  useRoutes(api, parts);
  keepRoutes(api, parts);
}

function useRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    '/api/storage',
    {
      config: member,
      schema: {
        summary: 'Footage of each camera, what goes next, and room on the disk',
        querystring: NoQuery,
        response: { 200: StorageUse, ...PROBLEMS },
      },
    },
    async (request) => {
      const identity = identityOf(request);
      const use = seenUse(identity, await services.storage.use());
      return { ...use, locked: services.auth.isLocked(identity) };
    },
  );

  api.get(
    '/api/storage/days',
    {
      config: member,
      schema: {
        summary: 'What was recorded on each calendar day',
        querystring: StorageDaysQuery,
        response: { 200: StorageDays, ...PROBLEMS },
      },
    },
    async (request) => {
      const { timeZone, days } = request.query;
      const count = wholeIn(days, { name: 'days', min: 1, max: USE_DAYS_MAX });
      return seenDays(identityOf(request), await services.storage.days(timeZone, count));
    },
  );
}

function keepRoutes(api: Api, { services }: RouteParts): void {
  const { storage } = services;

  api.put(
    '/api/storage/keep/:cameraId',
    {
      config: ofCamera,
      schema: {
        summary: 'How long a camera’s footage stays',
        description:
          'What is older or more goes within minutes, the oldest first; protected footage stays and ' +
          'does not count. Ask the preview first.',
        params: CameraParams,
        querystring: NoQuery,
        body: KeepLimits,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    (request, reply) => {
      storage.setKeep(request.params.cameraId, request.body);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/storage/keep/:cameraId/preview',
    {
      config: ofCamera,
      schema: {
        summary: 'What such limits would delete at once',
        params: CameraParams,
        querystring: KeepPreviewQuery,
        response: { 200: KeepPreview, ...PROBLEMS },
      },
    },
    (request) => {
      const { days, bytes } = request.query;
      const limits = {
        days:
          days === undefined ? null : wholeIn(days, { name: 'days', min: 1, max: KEEP_DAYS_MAX }),
        bytes:
          bytes === undefined
            ? null
            : wholeIn(bytes, { name: 'bytes', min: KEEP_BYTES_MIN, max: KEEP_BYTES_MAX }),
      };
      return storage.preview(request.params.cameraId, limits);
    },
  );
}

/** A number in a query, which is text: the schema has checked that it is digits. */
function wholeIn(
  text: string,
  { name, min, max }: { readonly name: string; readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new AppError('invalid', `The field "${name}" is too small or too large.`, {
    hint: `Send a whole number from ${String(min)} to ${String(max)}.`,
  });
}
