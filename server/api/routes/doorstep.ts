/** /api/doorstep: the last rings and visits, from memory; needs no unlock. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DoorstepList } from '../../contract/doorstep.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { byteRange } from '../byte-range.ts';
import { RANGE_NOT_SATISFIABLE } from '../error-table.ts';
import { sendProblem } from '../error-reply.ts';
import { problemOfFault } from '../problem.ts';
import { IdParams, NoQuery, PROBLEMS } from '../route-rules.ts';
import { ofSeenCameras } from '../seen-by.ts';

const live = { access: 'live' } as const;
const ofMoment = { ...live, object: { is: 'moment' } } as const;

function file(type: string): object {
  return { content: { [type]: { schema: { type: 'string', format: 'binary' } } } };
}

/** Adds the routes. */
export function doorstepRoutes(api: Api, { services }: RouteParts): void {
  const { doorstep } = services;

  api.get(
    '/api/doorstep',
    {
      config: live,
      schema: {
        summary: 'The last rings and visits',
        description:
          'What is still in memory: at most 20, at most ten minutes old. Works while locked; never ' +
          'on a disk.',
        querystring: NoQuery,
        response: { 200: DoorstepList, ...PROBLEMS },
      },
    },
    (request) => ({ moments: ofSeenCameras(identityOf(request), doorstep.list()) }),
  );

  api.get(
    '/api/doorstep/:id/picture',
    {
      config: ofMoment,
      schema: {
        summary: 'The picture of a moment',
        params: IdParams,
        querystring: NoQuery,
        response: { 200: { description: 'The picture.', ...file('image/jpeg') }, ...PROBLEMS },
      },
    },
    async (request, reply) =>
      reply.type('image/jpeg').send(await doorstep.picture(request.params.id)),
  );

  api.get(
    '/api/doorstep/:id/clip',
    {
      config: ofMoment,
      schema: {
        summary: 'The ten seconds around a moment',
        description:
          'Fragmented MP4, from the key frame before the five seconds before. Asked for while they ' +
          'last, what there is of them. Takes Range (RFC 9110 section 14).',
        params: IdParams,
        querystring: NoQuery,
        response: {
          200: { description: 'What there is.', ...file('video/mp4') },
          206: { description: 'A part of it.', ...file('video/mp4') },
          ...PROBLEMS,
        },
      },
    },
    (request, reply) => sendClip(request, reply, doorstep.clip(request.params.id)),
  );
}

/** All of it, or the part that was asked for: some players ask for nothing else. */
function sendClip(request: FastifyRequest, reply: FastifyReply, bytes: Buffer): FastifyReply {
  const sizeBytes = bytes.length;
  const answer = byteRange(request.headers.range, sizeBytes);
  void reply.header('Accept-Ranges', 'bytes');
  if (answer.kind === 'whole') return reply.type('video/mp4').send(bytes);
  if (answer.kind === 'unsatisfiable') {
    void reply.header('Content-Range', `bytes */${String(sizeBytes)}`);
    sendProblem(request, reply, problemOfFault(RANGE_NOT_SATISFIABLE));
    return reply;
  }
  const { first, last } = answer.range;
  return reply
    .code(206)
    .header('Content-Range', `bytes ${String(first)}-${String(last)}/${String(sizeBytes)}`)
    .type('video/mp4')
    .send(bytes.subarray(first, last + 1));
}
