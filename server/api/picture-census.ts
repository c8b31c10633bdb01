/**
 * Every route and message that can return a picture, sound or a file of them, and who may have it: the
 * whole list (guarantee, G2). A route that could return one and does not stand here does not start, and
 * neither does one that stands here with another access. tests/unit/api/picture-census.test.ts compares
 * it with the description, the canary crawls (tests/unit/api, tests/integration) with what is really answered.
 */
import type { RouteOptions } from 'fastify';
import type { Access } from '../auth/access.ts';

/** One of them. */
export interface PictureRoute {
  readonly route: string;
  readonly access: Access;
  /** What carries it: the answer itself, a member of its JSON, or messages of a WebSocket. */
  readonly by: 'answer' | 'json' | 'websocket';
  /** From the camera as it comes, from memory, or from what is stored. */
  readonly from: 'now' | 'doorstep' | 'footage';
}

/** See the head of this file. */
export const PICTURE_CENSUS: readonly PictureRoute[] = [
  { route: 'GET /api/cameras/:id/snapshot', access: 'live-picture', by: 'answer', from: 'now' },
  { route: 'GET /api/cameras/:id/live', access: 'live', by: 'websocket', from: 'now' },
  { route: 'POST /api/cameras', access: 'owner', by: 'json', from: 'now' },
  { route: 'POST /api/cameras/test', access: 'owner', by: 'json', from: 'now' },
  { route: 'GET /api/doorstep/:id/picture', access: 'live', by: 'answer', from: 'doorstep' },
  { route: 'GET /api/doorstep/:id/clip', access: 'live', by: 'answer', from: 'doorstep' },
  {
    ...{ route: 'GET /api/playback/:cameraId/:runId/:sequence.mp4', access: 'footage' },
    ...{ by: 'answer', from: 'footage' },
  },
  { route: 'GET /api/exports/:id/file', access: 'export-footage', by: 'answer', from: 'footage' },
];

/** WebSockets that carry words alone. */
export const WORD_SOCKETS: readonly string[] = ['GET /api/presence'];

/** What a picture, sound or a file of them is called (RFC 9110 8.3). */
export const PICTURE_TYPE = /^(image|video|audio)\//i;

/** Whether a route hands its connection over to a WebSocket. */
export function isSocketRoute(method: string, url: string | undefined): boolean {
  const name = `${method} ${url ?? ''}`;
  return (
    WORD_SOCKETS.includes(name) ||
    PICTURE_CENSUS.some(({ route, by }) => by === 'websocket' && route === name)
  );
}

/** What is wrong with a route; undefined when nothing is. */
export function pictureFault(route: RouteOptions): string | undefined {
  const by = carrierOf(route);
  const listed = PICTURE_CENSUS.find((one) =>
    [route.method].flat().some((method) => one.route === `${method} ${route.url}`),
  );
  if (by === undefined && listed === undefined) return undefined;
  if (listed === undefined) return 'that it can return a picture (picture-census.ts)';
  const isSame = listed.by === by && listed.access === route.config?.access;
  return isSame ? undefined : 'what picture-census.ts says of it';
}

/** How a route can return a picture, as far as it says so itself. */
function carrierOf(route: RouteOptions): PictureRoute['by'] | undefined {
  const names = [route.method].flat().map((method) => `${method} ${route.url}`);
  if ('wsHandler' in route && !names.every((name) => WORD_SOCKETS.includes(name))) {
    return 'websocket';
  }
  const { response } = route.schema ?? {};
  if (hasType(response)) return 'answer';
  return hasPictureMember(response) ? 'json' : undefined;
}

/** Media types stand as keys of `content`. */
function hasType(schema: unknown): boolean {
  return someWithin(schema, (key) => PICTURE_TYPE.test(key));
}

/** Bytes in JSON are base64, and what they are is told beside them. */
function hasPictureMember(schema: unknown): boolean {
  return someWithin(
    schema,
    (key, value) =>
      key === 'base64' ||
      key === 'contentEncoding' ||
      key === 'contentMediaType' ||
      (typeof value === 'string' && PICTURE_TYPE.test(value)),
  );
}

function someWithin(value: unknown, fits: (key: string, value: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => fits(key, inner) || someWithin(inner, fits));
}
