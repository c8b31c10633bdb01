/** /api/restores: putting a backup back, on a box that nobody has set up. */
import { finished } from 'node:stream';
import { Type } from '@sinclair/typebox';
import {
  NewRestore,
  PIECE_MAX_BYTES,
  RestoreDone,
  RestoreKey,
  RestoreUpload,
} from '../../contract/backup.ts';
import { strictObject } from '../../contract/schema.ts';
import type { Api, RouteParts, SchemaTypes } from '../api-types.ts';
import { IdParams, NoQuery, PROBLEMS } from '../route-rules.ts';
import { takeSecret } from '../secret-bodies.ts';

const setup = { access: 'setup' } as const;

/** Where in the backup a piece begins. */
const PieceQuery = strictObject({ at: Type.String({ pattern: '^(0|[1-9][0-9]{0,9})$' }) });

const PIECE_TYPE = 'application/octet-stream';

/** Adds the routes. */
export async function restoreRoutes(api: Api, parts: RouteParts): Promise<void> {
  beginRoute(api, parts);
  await pieceRoute(api, parts);
  openRoute(api, parts);
}

function beginRoute(api: Api, { services }: RouteParts): void {
  api.post(
    '/api/restores',
    {
      config: setup,
      schema: {
        summary: 'Begin to send a backup',
        description:
          'In place of the set-up, with its code. Then send the pieces, then the recovery key.',
        querystring: NoQuery,
        body: NewRestore,
        response: { 201: RestoreUpload, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      services.auth.checkSetupCode(request.body.setupToken, request.ip);
      return reply.code(201).send(await services.restores.begin(request.body.sizeBytes));
    },
  );
}

/** In a context of its own, because no other route takes anything but JSON. */
async function pieceRoute(api: Api, { services }: RouteParts): Promise<void> {
  const { restores } = services;
  await api.register((context, _options, done) => {
    const scoped = context.withTypeProvider<SchemaTypes>();
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser(
      PIECE_TYPE,
      { parseAs: 'buffer', bodyLimit: PIECE_MAX_BYTES },
      (_request, body, parsed) => {
        parsed(null, body);
      },
    );
    scoped.post(
      '/api/restores/:id/pieces',
      {
        config: { ...setup, object: { is: 'box' } },
        bodyLimit: PIECE_MAX_BYTES,
        // Before the body is read: what nobody announced is not taken in.
        onRequest: (request, _reply, next) => {
          restores.assertArriving(request.params.id);
          next();
        },
        schema: {
          summary: 'Send the next piece of the backup',
          consumes: [PIECE_TYPE],
          description: `At most ${String(PIECE_MAX_BYTES)} bytes, as ${PIECE_TYPE}, in order.`,
          params: IdParams,
          querystring: PieceQuery,
          body: Type.Unknown({ description: 'Bytes.' }),
          response: { 200: RestoreUpload, ...PROBLEMS },
        },
      },
      (request) => {
        const { body } = request;
        const piece = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
        return restores.add(request.params.id, Number(request.query.at), piece);
      },
    );
    done();
  });
}

function openRoute(api: Api, { services }: RouteParts): void {
  const { restores } = services;
  api.post(
    '/api/restores/:id',
    {
      config: { ...setup, object: { is: 'box' } },
      schema: {
        summary: 'Open the backup that was sent, and start with it',
        description:
          'The recovery key that was the newest when the backup was taken. Afterwards the box ' +
          'starts anew; sign in with a password of the backup.',
        params: IdParams,
        querystring: NoQuery,
        body: RestoreKey,
        response: { 202: RestoreDone, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const key = takeSecret(request, 'recoveryKey');
      const restored = await restores.restore(request.params.id, key).finally(() => key.fill(0));
      finished(reply.raw, () => {
        restores.restart();
      });
      return reply.code(202).send(restored);
    },
  );
}
