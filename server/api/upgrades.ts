/**
 * Requests to change the protocol (RFC 9110 7.8). As soon as anything takes WebSockets, node hands
 * over the bare connection of every such request; whoever asks for another route, or is refused, gets
 * an ordinary answer, and then the connection has to be ended by us.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../base/errors.ts';
import type { Api } from './api-types.ts';

/** Adds the hooks: before a body would be waited for, and after the answer. */
export function endRefusedUpgrades(api: Api): void {
  api.addHook('onRequest', (request, _reply, done) => {
    // Node reads no body of such a request; a route that takes one would wait for it.
    if (asksForUpgrade(request) && request.method !== 'GET') {
      throw new AppError('invalid', 'Only a GET can ask for another protocol.', {
        hint: 'Leave the header Upgrade out.',
      });
    }
    done();
  });
  api.addHook('onResponse', (request, _reply, done) => {
    if (asksForUpgrade(request)) request.raw.socket.destroySoon();
    done();
  });
}

/** For an answer that no hook sees. */
export function endIfUpgrade(request: FastifyRequest, reply: FastifyReply): void {
  if (!asksForUpgrade(request)) return;
  reply.raw.once('finish', () => {
    request.raw.socket.destroySoon();
  });
}

function asksForUpgrade(request: FastifyRequest): boolean {
  return request.headers.upgrade !== undefined;
}
