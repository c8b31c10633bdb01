/** GET /api/cameras/{id}/live: a camera's pictures as they come, over a WebSocket. */
import websocket from '@fastify/websocket';
import { Type } from '@sinclair/typebox';
import { mayUse, seesCamera } from '../../auth/access.ts';
import { LIVE_CLOSE, LiveDropped, LiveInit, LiveQuery, LiveState } from '../../contract/live.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts, SchemaTypes } from '../api-types.ts';
import { WsLiveSocket } from '../live-socket.ts';
import { sendProblem } from '../error-reply.ts';
import { UPGRADE_REQUIRED } from '../error-table.ts';
import { problemOfFault } from '../problem.ts';
import { IdParams, PROBLEMS } from '../route-rules.ts';
import { presenceRoute } from './presence.ts';

/** A viewer has nothing to say; a close frame has at most 125 bytes (RFC 6455 5.5). */
const MESSAGE_MAX_BYTES = 128;

/** For the description: OpenAPI 3.1 has no words for what goes over a WebSocket. */
const MESSAGES = {
  'x-websocket': {
    text: { oneOf: [LiveInit, LiveDropped, LiveState] },
    binary: { init: 'video/mp4; an init segment', media: 'video/mp4; one movie fragment' },
    close: LIVE_CLOSE,
  },
};

/** Adds the route, in a scope of its own: the plugin takes every route of its scope for one that may
 * be asked for a WebSocket. */
export async function liveRoutes(api: Api, parts: RouteParts): Promise<void> {
  await api.register(async (scope) => {
    await scope.register(websocket, {
      options: { maxPayload: MESSAGE_MAX_BYTES, perMessageDeflate: false, autoPong: false },
      // A connection that broke, or that breaks the protocol: nothing can be said on it any more.
      errorHandler: (_error, socket) => {
        socket.terminate();
      },
      preClose: (done) => {
        parts.services.live.stop().then(() => {
          done();
        }, done);
      },
    });
    liveRoute(scope.withTypeProvider<SchemaTypes>(), parts);
    presenceRoute(scope.withTypeProvider<SchemaTypes>(), parts);
  });
}

function liveRoute(scope: Api, { services, clock }: RouteParts): void {
  const { auth, cameras, live, audit } = services;
  scope.route({
    method: 'GET',
    url: '/api/cameras/:id/live',
    config: {
      ...{ access: 'live', liveOnly: true },
      object: { is: 'camera', in: 'params', named: 'id' },
    },
    schema: {
      summary: 'A camera’s pictures as they come (WebSocket)',
      description:
        'Text messages are JSON: `init` when a run begins, `dropped` when frames were left out, ' +
        '`state` when the camera’s state changes. Binary messages are ISO BMFF: after each `init` ' +
        'its init segment, then movie fragments, one per frame, beginning with a key frame. The ' +
        'viewer sends nothing.',
      params: IdParams,
      querystring: LiveQuery,
      response: {
        101: Type.Null({ description: 'The connection is a WebSocket (RFC 6455) from here on.' }),
        ...PROBLEMS,
      },
      ...MESSAGES,
    },
    preHandler: (request, _reply, done) => {
      // While it can still be told as a problem.
      cameras.get(request.params.id);
      done();
    },
    handler: (request, reply) => {
      void reply.header('Upgrade', 'websocket');
      sendProblem(request, reply, problemOfFault(UPGRADE_REQUIRED));
    },
    wsHandler: (socket, request) => {
      const { stream = 'main', audio = '0' } = request.query;
      const identity = identityOf(request);
      const { sessionKey } = identity;
      const cameraId = request.params.id;
      const leaving = [
        audit.record.liveBegun(identity, cameraId),
        audit.presence.join(identity, { what: 'live', cameraId }),
      ];
      socket.once('close', () => {
        for (const leave of leaving) leave();
      });
      live.open(new WsLiveSocket(socket, clock), {
        ...{ cameraId, stream, sound: audio === '1' },
        refusal: () => {
          const now = auth.identityOf(sessionKey);
          if (now === undefined) return 'signedOut';
          return mayUse('live', now) && seesCamera(now, cameraId) ? undefined : 'notAllowed';
        },
      });
    },
  });
}
