/** What a schema said about a request, as a sentence. */

/** The part of an Ajv error that is used. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer to the value, `/source/url`. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Names come from outside. One that is written like ours is said, so that a slip of the pen is found;
 * anything else is not sent back: there must be nothing to reflect. */
const NAME = /^[\w-]{1,40}(\.[\w-]{1,40}){0,4}$/;

const PLACES = new Map([
  ['body', 'the body'],
  ['querystring', 'the query'],
  ['params', 'the address'],
  ['headers', 'the header'],
]);

/** One sentence about the first error; `context` is fastify's name for the part of the request. */
export function validationSentence(
  errors: readonly SchemaError[],
  context: string | undefined,
): string {
  const place = PLACES.get(context ?? '') ?? 'the request';
  const error = errors[0];
  if (error === undefined) return `Something in ${place} is not right.`;
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const { params } = error;
  if (error.keyword === 'additionalProperties') {
    return `${field(path, params['additionalProperty'])} in ${place} is not known.`;
  }
  if (error.keyword === 'required') {
    return `${field(path, params['missingProperty'])} is missing in ${place}.`;
  }
  if (error.keyword === 'discriminator') {
    return `${field(path, params['tag'])} in ${place} is not one of the allowed values.`;
  }
  const message = error.message ?? 'is not right';
  return path === ''
    ? `${place.charAt(0).toUpperCase()}${place.slice(1)} ${message}.`
    : `${field(path)} in ${place} ${message}.`;
}

function field(path: string, name?: unknown): string {
  const full = typeof name === 'string' ? (path === '' ? name : `${path}.${name}`) : path;
  return NAME.test(full) ? `The field ${JSON.stringify(full)}` : 'A field';
}
