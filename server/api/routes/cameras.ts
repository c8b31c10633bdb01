/** /api/cameras: adding, seeing, changing and removing cameras. */
import { AppError } from '../../base/errors.ts';
import { toRfc3339 } from '../../base/time.ts';
import {
  AddedCamera,
  Camera,
  CameraList,
  CameraPatch,
  CameraTest,
  CameraTestInput,
  NewCamera,
  type CameraSource,
} from '../../contract/camera.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { withCamera } from '../camera-deadline.ts';
import { IdParams, NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { seenCamera, seenCameras } from '../seen-by.ts';

const owner = { access: 'owner' } as const;
const ofCamera = { object: { is: 'camera', in: 'params', named: 'id' } } as const;

/** Adds the routes. */
export function cameraRoutes(api: Api, parts: RouteParts): void {
  collectionRoutes(api, parts);
  oneCameraRoutes(api, parts);
  snapshotRoute(api, parts);
}

function collectionRoutes(api: Api, { services, clock }: RouteParts): void {
  const { cameras } = services;

  api.get(
    '/api/cameras',
    {
      config: { access: 'live', liveOnly: true },
      schema: {
        summary: 'All cameras, by position',
        querystring: NoQuery,
        response: { 200: CameraList, ...PROBLEMS },
      },
    },
    (request) => ({ cameras: seenCameras(identityOf(request), cameras.list()) }),
  );

  api.post(
    '/api/cameras',
    {
      config: owner,
      schema: {
        summary: 'Test a camera and add it',
        description:
          'What is wrong with the camera or its address is a 422 within 15 s, and nothing is saved.',
        querystring: NoQuery,
        body: NewCamera,
        response: { 201: AddedCamera, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const input = request.body;
      assertKindIsThere(input.source);
      const added = await withCamera(reply, clock, (signal) => cameras.add(input, signal));
      return reply.code(201).header('Location', `/api/cameras/${added.id}`).send(added);
    },
  );

  api.post(
    '/api/cameras/test',
    {
      config: owner,
      schema: {
        summary: 'Test a camera without adding it',
        querystring: NoQuery,
        body: CameraTestInput,
        response: { 200: CameraTest, ...PROBLEMS },
      },
    },
    (request, reply) => {
      const input = request.body;
      assertKindIsThere(input.source);
      return withCamera(reply, clock, (signal) => cameras.test(input, signal));
    },
  );
}

function oneCameraRoutes(api: Api, { services, clock }: RouteParts): void {
  const { cameras } = services;

  api.get(
    '/api/cameras/:id',
    {
      config: { access: 'live', ...ofCamera },
      schema: {
        summary: 'One camera',
        params: IdParams,
        querystring: NoQuery,
        response: { 200: Camera, ...PROBLEMS },
      },
    },
    (request) => seenCamera(identityOf(request), cameras.get(request.params.id)),
  );

  api.patch(
    '/api/cameras/:id',
    {
      config: { ...owner, ...ofCamera },
      schema: {
        summary: 'Change a camera',
        description: 'A changed source is tested first, like a new one.',
        params: IdParams,
        querystring: NoQuery,
        body: CameraPatch,
        response: { 200: Camera, ...PROBLEMS },
      },
    },
    (request, reply) =>
      withCamera(reply, clock, (signal) => cameras.change(request.params.id, request.body, signal)),
  );

  api.delete(
    '/api/cameras/:id',
    {
      config: { ...owner, ...ofCamera },
      schema: {
        summary: 'Remove a camera and its footage',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await cameras.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function snapshotRoute(api: Api, { services, clock }: RouteParts): void {
  api.get(
    '/api/cameras/:id/snapshot',
    {
      config: { access: 'live-picture', liveOnly: true, ...ofCamera },
      schema: {
        summary: 'A picture of now',
        description:
          'The header Doorkeep-Taken-At says when the picture was taken (RFC 3339). A token of this ' +
          'camera opens it once a second.',
        params: IdParams,
        querystring: NoQuery,
        response: {
          200: {
            description: 'The picture.',
            content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const snapshot = await withCamera(reply, clock, (signal) =>
        services.cameras.snapshot(id, signal),
      );
      return reply
        .type('image/jpeg')
        .header('Doorkeep-Taken-At', toRfc3339(snapshot.takenAtMs))
        .send(snapshot.jpeg);
    },
  );
}

function assertKindIsThere(source: CameraSource): void {
  if (source.type === 'onvif') {
    throw new AppError('unprocessable', 'Cameras cannot be added by ONVIF yet.', {
      reason: 'not-there-yet',
      hint: 'Use the RTSP address of the camera; its manual or its web page names it.',
    });
  }
}
