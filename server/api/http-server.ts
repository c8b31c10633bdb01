/** The node:http server under fastify, with every limit said. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { FrontDoor } from './front-door.ts';

/** A request is at most 64 KiB of JSON from the home network. */
const REQUEST_TIMEOUT_MS = 30_000;

/** A header is one packet; who needs longer is holding the connection open on purpose. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Silence in both directions. Above the 15 s in which a camera test must answer. */
const SOCKET_IDLE_MS = 60_000;

/** Between requests. Above the 30 s for which Chromium keeps an idle connection at least. */
const KEEP_ALIVE_MS = 65_000;

/** A household with ten browsers of six connections each, and as much again for live pictures. */
const MAX_CONNECTIONS = 256;

/** Ours are under 2 KiB; node's own default is 16. */
const MAX_HEADER_BYTES = 16 * 1024;

/** How often node looks for requests that are over their time; half the shortest limit. */
const TIMEOUT_CHECK_MS = 5_000;

/** Makes the server, with `door` in front of it. It does not listen yet. */
export function createHttpServer(handler: RequestListener, door: FrontDoor): Server {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    handler,
  );
  server.setTimeout(SOCKET_IDLE_MS);
  server.maxConnections = MAX_CONNECTIONS;
  door.guard(server);
  return server;
}
