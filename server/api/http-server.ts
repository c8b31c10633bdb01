/** The node:http(s) server under fastify, with every limit said. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

/** A certificate and its key, PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

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

/** Makes the server; HTTPS when there is a certificate. It does not listen yet. */
export function createHttpServer(handler: RequestListener, tls: TlsIdentity | undefined): Server {
  const limits = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const server =
    tls === undefined
      ? createServer(limits, handler)
      : createSecureServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, handler);
  server.setTimeout(SOCKET_IDLE_MS);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
