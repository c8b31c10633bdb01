/**
 * What a request is about: every route that names an object says how its camera is found, and one place
 * (object-guard.ts) looks. docs/design/auth.md, "By object"
 */
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Access } from '../auth/access.ts';

/** How the camera of a request is found. */
export type ObjectRule =
  /** It is named itself. */
  | { readonly is: 'camera'; readonly in: 'params' | 'query' | 'body'; readonly named: string }
  /** The id in the address names something of one camera. */
  | { readonly is: 'moment' | 'export' | 'protected-range' }
  /** It names a phone of a person: theirs, or any for the owner. */
  | { readonly is: 'phone' }
  /** It names what this very session did; what is behind the route answers no other. */
  | { readonly is: 'session' }
  /** It names something of the whole box (a person, a link, a token, a backup): for the owner alone. */
  | { readonly is: 'box' }
  /** It names a camera to look for in what is the same for everybody at home (G10). */
  | { readonly is: 'record' }
  /** It names nothing: the page reads its own address. */
  | { readonly is: 'page' };

/** Who may use a route about something of the whole box. */
const BOX_LEVELS: readonly (Access | undefined)[] = ['owner', 'owner-footage', 'setup'];

/** Members that name a camera. Told by their schema and by their name: neither must be forgotten. */
const CAMERA_ID_PATTERN = '^[0-9a-f]{16}$';
const CAMERA_NAME = /camera/i;

/** What is wrong with a route's rule; undefined when nothing is. */
export function objectFault(route: RouteOptions): string | undefined {
  const rule = route.config?.object;
  const access = route.config?.access;
  const named = namesOf(route);
  if (rule === undefined) {
    return named.length > 0 ? `whose ${named.join(', ')} is (config.object)` : undefined;
  }
  if (rule.is === 'box' && !BOX_LEVELS.includes(access)) return 'that it is for the owner alone';
  if (rule.is === 'page' && access !== 'public') return 'that it is the page';
  if (rule.is === 'camera' && !named.includes(rule.named)) return `its ${rule.named}`;
  return undefined;
}

/** The camera that a request names itself; undefined when it names none. */
export function cameraNamed(request: FastifyRequest): string | undefined {
  const rule = request.routeOptions.config.object;
  if (rule?.is !== 'camera') return undefined;
  const members = rule.in === 'params' ? request.params : request[rule.in];
  return memberOf(members, rule.named);
}

/** The id in a request's address; undefined when there is none. */
export function idNamed(request: FastifyRequest): string | undefined {
  return memberOf(request.params, 'id');
}

function memberOf(members: unknown, name: string): string | undefined {
  if (typeof members !== 'object' || members === null) return undefined;
  const value = new Map<string, unknown>(Object.entries(members)).get(name);
  return typeof value === 'string' ? value : undefined;
}

/** Every name by which a request of this route can mean an object. */
function namesOf({ url, schema }: RouteOptions): string[] {
  const inUrl = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
  const inFields = [schema?.querystring, schema?.body].flatMap((part) =>
    Object.entries(propertiesOf(part))
      .filter(([name, field]) => CAMERA_NAME.test(name) || isCameraId(field))
      .map(([name]) => name),
  );
  return [...inUrl, ...inFields];
}

function propertiesOf(schema: unknown): object {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return {};
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? properties : {};
}

function isCameraId(field: unknown): boolean {
  return (
    typeof field === 'object' &&
    field !== null &&
    'pattern' in field &&
    field.pattern === CAMERA_ID_PATTERN
  );
}
