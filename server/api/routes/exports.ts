/** /api/exports: footage taken out, by a person who typed the password. */
import { AppError } from '../../base/errors.ts';
import { Export, ExportList, NewExport } from '../../contract/export.ts';
import { PasswordAgain } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { IdParams, NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { ofSeenCameras } from '../seen-by.ts';
import { takeSecret } from '../secret-bodies.ts';
import { sendFile } from '../send-file.ts';
import { timeRange } from '../time-range.ts';

const mine = { access: 'export' } as const;
const ofExport = { object: { is: 'export' } } as const;

/** Adds the routes. */
export function exportRoutes(api: Api, parts: RouteParts): void {
  collectionRoutes(api, parts);
  oneExportRoutes(api, parts);
  fileRoutes(api, parts);
}

function collectionRoutes(api: Api, { services }: RouteParts): void {
  const { auth, exports } = services;

  api.get(
    '/api/exports',
    {
      config: mine,
      schema: {
        summary: 'The exports that you asked for, newest first',
        querystring: NoQuery,
        response: { 200: ExportList, ...PROBLEMS },
      },
    },
    (request) => {
      const identity = identityOf(request);
      return { exports: ofSeenCameras(identity, exports.list(identity.userId)) };
    },
  );

  api.post(
    '/api/exports',
    {
      config: {
        ...{ access: 'export-footage' },
        object: { is: 'camera', in: 'body', named: 'camera' },
      },
      schema: {
        summary: 'Ask for an export',
        description:
          'The password is asked again. The file can be fetched for 15 minutes after it; then ' +
          'POST …/file-access asks once more. The file may begin up to one key-frame interval ' +
          'before `from`: `actualFrom` says when.',
        querystring: NoQuery,
        body: NewExport,
        response: { 202: Export, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { camera, edges } = request.body;
      const range = timeRange(request.body);
      if (edges === 'exact') throw exactIsNotThereYet();
      const identity = identityOf(request);
      await auth.confirmPassword(identity, takeSecret(request, 'password'), request.ip);
      const created = await exports.create({ camera, userId: identity.userId, ...range });
      auth.grantFile(identity, created.id);
      return reply.code(202).header('Location', `/api/exports/${created.id}`).send(created);
    },
  );
}

function oneExportRoutes(api: Api, { services }: RouteParts): void {
  const { exports } = services;

  api.get(
    '/api/exports/:id',
    {
      config: { ...mine, ...ofExport },
      schema: {
        summary: 'How far an export is',
        params: IdParams,
        querystring: NoQuery,
        response: { 200: Export, ...PROBLEMS },
      },
    },
    (request) => exports.get(request.params.id, identityOf(request).userId),
  );

  api.delete(
    '/api/exports/:id',
    {
      config: { ...mine, ...ofExport },
      schema: {
        summary: 'Cancel an export, or delete its file',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await exports.remove(request.params.id, identityOf(request).userId);
      return reply.code(204).send(null);
    },
  );
}

function fileRoutes(api: Api, { services }: RouteParts): void {
  const { auth, exports } = services;

  api.post(
    '/api/exports/:id/file-access',
    {
      config: { ...mine, ...ofExport },
      schema: {
        summary: 'Type the password to fetch the file within 15 minutes',
        params: IdParams,
        querystring: NoQuery,
        body: PasswordAgain,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      const { id } = exports.get(request.params.id, identity.userId);
      await auth.confirmPassword(identity, takeSecret(request, 'password'), request.ip);
      auth.grantFile(identity, id);
      return reply.code(204).send(null);
    },
  );

  const file = {
    content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
  } as const;
  api.get(
    '/api/exports/:id/file',
    {
      config: { access: 'export-footage', ...ofExport },
      schema: {
        summary: 'The finished MP4',
        description: 'Takes Range (RFC 9110 section 14) and If-Range.',
        params: IdParams,
        querystring: NoQuery,
        response: {
          200: { description: 'The file.', ...file },
          206: { description: 'A part of the file.', ...file },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      const { id } = exports.get(request.params.id, identity.userId);
      auth.assertFileGranted(identity, id);
      return sendFile(request, reply, {
        ...{ etag: `"${id}"`, type: 'video/mp4' },
        ...(await exports.file(id, identity.userId)),
      });
    },
  );
}

function exactIsNotThereYet(): AppError {
  return new AppError('unprocessable', 'Exports with exact edges are not there yet.', {
    reason: 'not-there-yet',
    hint: 'Leave `edges` out: the file then begins at the key frame before the mark.',
  });
}
