/** GET /api/presence: who looks at live or past right now, told as it changes. */
import type { FastifyReply } from 'fastify';
import type { Identity } from '../../auth/auth-service.ts';
import type { Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { PresenceEvent } from '../../contract/presence.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** A household's pages, twice. */
const LISTENERS_MAX = 64;

/** The door closes what is silent for a minute. */
const HEARTBEAT_MS = 20_000;

/** What waits for a page that takes nothing: more, and it is told to come again. */
const WAITING_MAX_BYTES = 64 * 1024;

/** Adds the route. */
export function presenceRoutes(api: Api, parts: RouteParts): void {
  const open = new Set<() => void>();
  api.addHook('preClose', (done) => {
    for (const end of [...open]) end();
    done();
  });
  api.get(
    '/api/presence',
    {
      config: { access: 'owner', liveOnly: true },
      schema: {
        summary: 'Who looks at live or past right now (server-sent events)',
        description: 'Each event is a PresenceEvent: everybody who looks, at once and on each change.',
        querystring: NoQuery,
        response: {
          200: {
            description: 'Events, until the page goes or is signed out.',
            content: { 'text/event-stream': { schema: { type: 'string' } } },
          },
          ...PROBLEMS,
        },
      },
    },
    (request, reply) => {
      if (open.size >= LISTENERS_MAX) {
        throw new AppError('exhausted', 'Too many pages are open.', { retryAfterMs: 10_000 });
      }
      const end = tell(reply, identityOf(request), parts, () => open.delete(end));
      open.add(end);
      return reply;
    },
  );
}

/** Tells one page until it ends; answers the function that ends it. */
function tell(
  reply: FastifyReply,
  who: Identity,
  { services, clock }: RouteParts,
  onEnd: () => void,
): () => void {
  const { auth, audit } = services;
  const { raw } = reply;
  let told = '';
  let heartbeat: Timer | undefined;
  const end = (): void => {
    heartbeat?.cancel();
    stopListening();
    stopWatching();
    onEnd();
    raw.end();
  };
  const write = (text: string): void => {
    if (raw.writableLength > WAITING_MAX_BYTES) end();
    else raw.write(text);
  };
  const look = (): void => {
    if (!auth.isSignedIn(who.sessionKey)) {
      end();
      return;
    }
    const event: PresenceEvent = { viewers: audit.presence.now(), locked: auth.isLocked(who) };
    const text = JSON.stringify(event);
    if (text === told) return;
    told = text;
    write(`data: ${text}\n\n`);
  };
  const beat = (): void => {
    // A lock that came by itself is told with it.
    look();
    write(':\n\n');
    heartbeat = clock.setTimer(HEARTBEAT_MS, beat);
  };
  const stopListening = audit.presence.onChange(look);
  const stopWatching = auth.onSessionsEnded(look);
  reply.hijack();
  raw.once('close', end);
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'Content-Type': 'text/event-stream',
  });
  beat();
  return end;
}
