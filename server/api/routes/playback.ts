/** Footage in a browser: an HLS playlist, and ranges of the files that it names. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from '@sinclair/typebox';
import { PlaybackQuery } from '../../contract/playback.ts';
import { strictObject } from '../../contract/schema.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { byteRange } from '../byte-range.ts';
import { sendProblem } from '../error-reply.ts';
import { RANGE_NOT_SATISFIABLE } from '../error-table.ts';
import { problemOfFault } from '../problem.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';
import type { FootagePlace, PlaybackService } from '../services.ts';
import { timeRange } from '../time-range.ts';

const ofCamera = { is: 'camera', in: 'params', named: 'cameraId' } as const;
const footage = { access: 'footage', object: ofCamera } as const;

/** RFC 8216 section 10. */
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

const PlaylistParams = strictObject({ cameraId: Type.String() });

/** Numbers as they stand in the playlist; 15 digits stay exact. What does not fit is a 404. */
const FileNumber = Type.String({ pattern: '^\\d{1,15}$' });
const MediaParams = strictObject({
  cameraId: Type.String(),
  runId: FileNumber,
  sequence: FileNumber,
});

/** Adds the routes. */
export function playbackRoutes(api: Api, { services }: RouteParts): void {
  const { playback } = services;

  api.get(
    '/api/playback/:cameraId.m3u8',
    {
      config: footage,
      schema: {
        summary: 'Footage as HLS',
        description:
          'A media playlist (RFC 8216) with fragmented MP4 in byte ranges, from the last key frame ' +
          'at or before `from` to what is on the disk now. At most 25 hours at once.',
        params: PlaylistParams,
        querystring: PlaybackQuery,
        response: {
          200: {
            description: 'The playlist; its addresses need the same session.',
            content: { [PLAYLIST_TYPE]: { schema: { type: 'string' } } },
          },
          ...PROBLEMS,
        },
      },
    },
    (request, reply) => {
      const { fromMs, toMs } = timeRange(request.query);
      const text = playback.playlist(request.params.cameraId, fromMs, toMs);
      return reply.type(PLAYLIST_TYPE).send(text);
    },
  );

  const media = {
    content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
  } as const;
  api.get(
    '/api/playback/:cameraId/:runId/:sequence.mp4',
    {
      config: footage,
      schema: {
        summary: 'A file that a playlist names',
        description: 'Takes Range (RFC 9110 section 14). It may still grow.',
        params: MediaParams,
        querystring: NoQuery,
        response: {
          200: { description: 'What of the file is on the disk.', ...media },
          206: { description: 'A part of it.', ...media },
          ...PROBLEMS,
        },
      },
    },
    (request, reply) => {
      const { cameraId, runId, sequence } = request.params;
      const place = { cameraId, runId: Number(runId), sequence: Number(sequence) };
      return sendFootage(request, reply, { place, playback });
    },
  );
}

/** Sends the bytes that count, or those of them that were asked for. */
async function sendFootage(
  request: FastifyRequest,
  reply: FastifyReply,
  { place, playback }: { place: FootagePlace; playback: PlaybackService },
): Promise<FastifyReply> {
  const sizeBytes = playback.sizeOf(place);
  // No validator is ever sent, so an If-Range cannot match (RFC 9110 13.1.5): the whole file.
  const wanted = request.headers['if-range'] === undefined ? request.headers.range : undefined;
  const answer = byteRange(wanted, sizeBytes);
  void reply.header('Accept-Ranges', 'bytes');
  if (answer.kind === 'unsatisfiable') {
    void reply.header('Content-Range', `bytes */${String(sizeBytes)}`);
    sendProblem(request, reply, problemOfFault(RANGE_NOT_SATISFIABLE));
    return reply;
  }
  const { first, last } = answer.kind === 'part' ? answer.range : { first: 0, last: sizeBytes - 1 };
  const stream = await playback.read(place, { first, last });
  if (answer.kind === 'part') {
    void reply
      .code(206)
      .header('Content-Range', `bytes ${String(first)}-${String(last)}/${String(sizeBytes)}`);
  }
  return reply
    .type('video/mp4')
    .header('Content-Length', last - first + 1)
    .send(stream);
}
