/** GET /api/presence: who looks at live or past right now, told as it changes, over a WebSocket: it takes none
 * of the six connections that a browser has for a box. */
import type { WebSocket } from '@fastify/websocket';
import { Type } from '@sinclair/typebox';
import type { Identity } from '../../auth/auth-service.ts';
import type { Timer } from '../../base/clock.ts';
import { LIVE_CLOSE } from '../../contract/live.ts';
import { PresenceEvent } from '../../contract/presence.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { sendProblem } from '../error-reply.ts';
import { UPGRADE_REQUIRED } from '../error-table.ts';
import { problemOfFault } from '../problem.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** A household's pages, several times over. */
const LISTENERS_MAX = 128;

/** Routers forget a connection that is silent, and a session that ran out by itself ends by then. */
const HEARTBEAT_MS = 15_000;

/** What waits for a page that takes nothing: it is told to come again. */
const WAITING_MAX_BYTES = 64 * 1024;

/** Adds the route, to a scope that knows WebSockets. */
export function presenceRoute(scope: Api, parts: RouteParts): void {
  const open = new Set<(code: number) => void>();
  scope.addHook('preClose', (done) => {
    for (const end of [...open]) end(LIVE_CLOSE.goingAway);
    done();
  });
  scope.route({
    method: 'GET',
    url: '/api/presence',
    config: { access: 'signed-in', liveOnly: true },
    schema: {
      summary: 'Who looks at live or past right now (WebSocket)',
      description:
        'Text messages are JSON, at once and whenever something changed. Nothing is sent back.',
      querystring: NoQuery,
      response: {
        101: Type.Null({ description: 'The connection is a WebSocket (RFC 6455) from here on.' }),
        ...PROBLEMS,
      },
      ...{ 'x-websocket': { text: PresenceEvent, close: LIVE_CLOSE } },
    },
    handler: (request, reply) => {
      void reply.header('Upgrade', 'websocket');
      sendProblem(request, reply, problemOfFault(UPGRADE_REQUIRED));
    },
    wsHandler: (socket, request) => {
      if (open.size >= LISTENERS_MAX) {
        socket.close(LIVE_CLOSE.tooMany, 'tooMany');
        return;
      }
      const end = tell(socket, identityOf(request), parts, () => open.delete(end));
      open.add(end);
    },
  });
}

/** Tells one page until it ends; answers the function that ends it. */
function tell(
  socket: WebSocket,
  who: Identity,
  { services, clock }: RouteParts,
  onEnd: () => void,
): (code: number) => void {
  const { auth, audit } = services;
  let told = '';
  let heartbeat: Timer | undefined;
  const leave = (): void => {
    heartbeat?.cancel();
    stopListening();
    stopWatching();
    onEnd();
  };
  const end = (code: number): void => {
    leave();
    socket.close(code);
  };
  const look = (): void => {
    if (!auth.isSignedIn(who.sessionKey)) {
      end(LIVE_CLOSE.signedOut);
      return;
    }
    const event: PresenceEvent = { viewers: audit.presence.now(), locked: auth.isLocked(who) };
    const text = JSON.stringify(event);
    if (text === told) return;
    told = text;
    if (socket.bufferedAmount > WAITING_MAX_BYTES) end(LIVE_CLOSE.goingAway);
    else socket.send(text);
  };
  const beat = (): void => {
    heartbeat = clock.setTimer(HEARTBEAT_MS, beat);
    look();
    if (socket.readyState === socket.OPEN) socket.ping();
  };
  const stopListening = audit.presence.onChange(look);
  const stopWatching = auth.onSessionsEnded(look);
  socket
    .once('close', leave)
    .on('error', () => undefined)
    .on('message', () => {
      end(LIVE_CLOSE.unexpectedData);
    });
  beat();
  return end;
}
