/** Bodies and answers that carry passwords and keys: they never become strings of this process. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../base/errors.ts';
import { SECRET_FORMAT } from '../contract/schema.ts';
import type { Api } from './api-types.ts';
import { cutSecrets, wipe } from './secret-members.ts';

/** As long as a body may be (build-api.ts). */
const KEPT_MAX_BYTES = 64 * 1024;

/** JSON and nothing else: a form or text/plain is what another site's page could send without
 * asking (GHSA-3fjj-p79j-c9hh). */
export function acceptJsonOnly(api: Api): void {
  api.decorateRequest('secrets', null);
  api.removeAllContentTypeParsers();
  // Keys named __proto__ or constructor.prototype are refused, not dropped.
  const parse = api.getDefaultJsonParser('error', 'error');
  api.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      const names = secretNames(request.routeOptions.schema?.body);
      if (names.size === 0) {
        void parse(request, body.toString(), done);
        return;
      }
      request.secrets = cutSecrets(body, names) ?? null;
      // What cannot be JSON is not looked at twice: half a brace gets the answer that all such bodies get.
      void parse(request, request.secrets === null ? '{' : body.toString(), done);
      body.fill(0);
    },
  );
  zeroWhatIsRead(api);
  api.addHook('onResponse', (request, _reply, done) => {
    // What no handler took, because the body was refused.
    if (request.secrets !== null) wipe(request.secrets);
    done();
  });
}

/** The pieces in which a body comes are zeroed when it has been put together from them. */
function zeroWhatIsRead(api: Api): void {
  api.addHook('preParsing', (request, _reply, payload, done) => {
    if (secretNames(request.routeOptions.schema?.body).size > 0) {
      const pieces: Buffer[] = [];
      let size = 0;
      payload.on('data', (piece: Buffer) => {
        size += piece.length;
        // Of a body that is refused for its length nothing more is kept.
        if (size <= KEPT_MAX_BYTES) pieces.push(piece);
      });
      payload.once('close', () => {
        for (const piece of pieces) piece.fill(0);
      });
    }
    done(null, payload);
  });
}

/** Which members of a body its schema calls secret. */
function secretNames(schema: unknown): ReadonlySet<string> {
  const properties = (schema as { properties?: Record<string, { format?: unknown }> } | undefined)
    ?.properties;
  const named = Object.entries(properties ?? {}).filter(
    ([, { format }]) => format === SECRET_FORMAT,
  );
  return new Set(named.map(([name]) => name));
}

/** A member that the schema calls secret, once: whoever takes it zeroes it. The body has asterisks in
 * its place. */
export function takeSecret(request: FastifyRequest, name: string): Buffer {
  const bytes = request.secrets?.get(name);
  if (bytes === undefined) {
    throw new AppError('internal', 'a handler asked for a secret that its schema does not name');
  }
  request.secrets?.delete(name);
  return bytes;
}

/** The same for a member that may be left out. */
export function takeSecretIfAny(request: FastifyRequest, name: string): Buffer | undefined {
  return request.secrets?.has(name) === true ? takeSecret(request, name) : undefined;
}

/** Sends `fields`, and `recoveryKey` with them, as JSON. The key is zeroed once it has left. */
export function sendRecoveryKey(
  reply: FastifyReply,
  {
    fields,
    recoveryKey,
  }: { readonly fields: Readonly<Record<string, unknown>>; readonly recoveryKey: Buffer },
): FastifyReply {
  // Letters, digits and hyphens (age.md, "X25519"): nothing that JSON would have to escape.
  if (recoveryKey.some((byte) => !IDENTITY_BYTES.includes(byte))) {
    throw new AppError('internal', 'a recovery key has an odd character');
  }
  const head = JSON.stringify({ ...fields, recoveryKey: '' }).slice(0, -2);
  const body = Buffer.concat([Buffer.from(head), recoveryKey, Buffer.from('"}')]);
  recoveryKey.fill(0);
  reply.raw.once('close', () => {
    body.fill(0);
  });
  return reply.type('application/json; charset=utf-8').send(body);
}

const IDENTITY_BYTES = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-');
