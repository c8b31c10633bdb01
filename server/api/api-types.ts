/** The API's fastify instance, with request and answer types taken from the TypeBox schemas. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Static, TSchema } from '@sinclair/typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider } from 'fastify';
import type { Access } from '../auth/access.ts';
import type { Identity } from '../auth/auth-service.ts';
import type { Clock } from '../base/clock.ts';
import type { ObjectRule } from './object-rules.ts';
import type { Secrets } from './secret-members.ts';
import type { Services } from './services.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. Optional for the compiler only: without it the server does not start
     * (route-rules.ts). */
    access?: Access;
    /** A wall screen may use it too: a closed list, everything else is refused to it. */
    liveOnly?: true;
    /** What the request is about; demanded of every route that names something. */
    object?: ObjectRule;
  }
  interface FastifyRequest {
    /** Who is asking; null where the route's access needs nobody. */
    identity: Identity | null;
    /** Members of the body that its schema calls secret (secret-bodies.ts); null where it has none. */
    secrets: Secrets | null;
  }
}

/** Schema to type, both ways. What is no TypeBox schema (a picture, a stream) stays unknown. */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

/** The instance that routes are added to. */
export type Api = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>;

/** What the routes of one noun are given. */
export interface RouteParts {
  readonly services: Services;
  readonly clock: Clock;
  readonly version: string;
}
