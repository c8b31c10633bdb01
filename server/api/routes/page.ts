/** The page and its files. Public: it holds nothing of the home; what it shows it asks the API for. */
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import type { Api } from '../api-types.ts';
import type { BuiltPage, PageFile } from '../built-page.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Where the page's own addresses lead: all to the same file, which reads the address itself. */
const PAGE_ADDRESSES = [
  ...['/', '/camera/:id', '/cameras', '/cameras/:id', '/exports', '/storage', '/settings'],
  ...['/privacy', '/privacy/plug', '/privacy/cloud', '/privacy/asked', '/privacy/taken'],
  ...['/people', '/phones', '/record'],
];

/** A year, as long as any cache keeps anything (RFC 9111 1.2.2 leaves it open). */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The page may be asked for with a moment of a camera; the page reads it. */
const PageQuery = Type.Object({}, { additionalProperties: true });

/** Adds a route for each file and each page address. */
export function pageRoutes(api: Api, page: BuiltPage): void {
  for (const address of PAGE_ADDRESSES) {
    api.get(
      address,
      {
        config: {
          access: 'public',
          ...(address.includes(':') && { object: { is: 'page' } as const }),
        },
        schema: {
          hide: true,
          querystring: PageQuery,
          ...(address.includes(':') ? { params: Type.Object({ id: Type.String() }) } : {}),
          response: { ...PROBLEMS },
        },
      },
      (request, reply) => send(request, reply, fileOf(page, '/index.html')),
    );
  }
  for (const [address, file] of page) {
    if (address === '/index.html') continue;
    api.get(
      address,
      {
        config: { access: 'public' },
        schema: { hide: true, querystring: NoQuery, response: { ...PROBLEMS } },
      },
      (request, reply) => send(request, reply, file),
    );
  }
}

function fileOf(page: BuiltPage, address: string): PageFile {
  const file = page.get(address);
  if (file === undefined) {
    throw new AppError('not-found', 'The page was not built.', {
      hint: 'Run `npm start` in the folder of Doorkeep; it builds the page.',
    });
  }
  return file;
}

function send(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  // The page itself is asked for each time, so that a new version is seen at once.
  void reply.header('Cache-Control', file.immutable ? IMMUTABLE : 'no-cache');
  void reply.header('ETag', file.etag).header('Vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  void reply.type(file.contentType);
  const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '') ? file.gzip : undefined;
  if (packed === undefined) return reply.send(file.bytes);
  return reply.header('Content-Encoding', 'gzip').send(packed);
}
