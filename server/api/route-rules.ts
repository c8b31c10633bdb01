/** What every route must say about itself; one that does not stops the start. */
import type { RouteOptions } from 'fastify';
import { Type } from '@sinclair/typebox';
import { isAccess } from '../auth/access.ts';
import { AppError } from '../base/errors.ts';
import { PROBLEM_MEDIA_TYPE, Problem } from '../contract/problem.ts';
import { strictObject } from '../contract/schema.ts';
import { objectFault } from './object-rules.ts';
import { pictureFault } from './picture-census.ts';

/** The query of a route that takes none. */
export const NoQuery = strictObject({});

/** Ids in addresses are looked up as they are, and what nobody has is a 404: no pattern here. */
export const IdParams = strictObject({ id: Type.String() });

/** Every route can answer with a problem. */
export const PROBLEMS = {
  '4xx': problem('The request was refused.'),
  '5xx': problem('Doorkeep could not do it.'),
} as const;

function problem(description: string): { description: string; content: object } {
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } } };
}

/** An answer without a body. */
export const NoContent = Type.Null({ description: 'Done.' });

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** Throws an `internal` AppError for a route that leaves something open. */
export function checkRoute(route: RouteOptions): void {
  const methods = [route.method].flat();
  const where = `${methods.join(',')} ${route.url}`;
  const { schema, config } = route;
  if (!isAccess(config?.access)) throw incomplete(where, 'who may use it (config.access)');
  if (schema?.querystring === undefined) throw incomplete(where, 'its query');
  if (route.url.includes(':') && schema.params === undefined) throw incomplete(where, 'its params');
  if (methods.some((method) => METHODS_WITH_BODY.has(method)) && schema.body === undefined) {
    throw incomplete(where, 'its body');
  }
  if (schema.response === undefined) throw incomplete(where, 'its answers');
  const fault = objectFault(route) ?? pictureFault(route);
  if (fault !== undefined) throw incomplete(where, fault);
}

function incomplete(where: string, what: string): AppError {
  return new AppError('internal', `the route ${where} does not declare ${what}`);
}
