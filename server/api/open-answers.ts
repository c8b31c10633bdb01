/**
 * Answers that are on their way: when somebody may see less than before, what they are being sent ends
 * at once, in the middle of a file. Only reading is watched: a request that changes something is
 * answered to its end, also when it is oneself that it signs out.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PersonalAccess } from '../auth/access.ts';
import { isStillAllowed } from './access-guard.ts';
import { isSocketRoute } from './picture-census.ts';
import { maySee, type ObjectSources } from './object-guard.ts';

/** See the head of this file. */
export class OpenAnswers {
  readonly #sources: ObjectSources;
  readonly #open = new Map<FastifyRequest, FastifyReply>();

  constructor(sources: ObjectSources) {
    this.#sources = sources;
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Watches an answer to its end, whatever that is. */
  watch(request: FastifyRequest, reply: FastifyReply): void {
    if (request.identity === null || request.method !== 'GET') return;
    // Live looks for itself, and says why it closes.
    if (isSocketRoute(request.method, request.routeOptions.url)) return;
    this.#open.set(request, reply);
    reply.raw.once('close', () => {
      this.#open.delete(request);
    });
  }

  /** Ends what is not allowed any more. */
  recheck(): void {
    for (const [request, reply] of [...this.#open]) {
      if (!this.#mayGoOn(request)) reply.raw.destroy();
    }
  }

  #mayGoOn(request: FastifyRequest): boolean {
    const { access, object } = request.routeOptions.config;
    const { auth } = this.#sources;
    const now = request.identity && auth.identityOf(request.identity.sessionKey);
    if (now === null || now === undefined) return false;
    if (!isStillAllowed(access as PersonalAccess, now, auth)) return false;
    return object === undefined || maySee(request, now, { rule: object, sources: this.#sources });
  }
}
