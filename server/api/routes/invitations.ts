/** /api/invitations: links by which people come in. */
import {
  Claimed,
  InvitationClaim,
  InvitationLook,
  InvitationSeen,
  MadeInvitation,
  NewInvitation,
} from '../../contract/people.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { IdParams, NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { takeSecret } from '../secret-bodies.ts';

const ofLink = { access: 'owner', object: { is: 'box' } } as const;

/** Adds the routes. */
export function invitationRoutes(api: Api, parts: RouteParts): void {
  ownerRoutes(api, parts);
  comingInRoutes(api, parts);
}

function ownerRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.post(
    '/api/invitations',
    {
      config: ofLink,
      schema: {
        summary: 'Make a link by which a person comes in',
        description:
          'Once, for 24 hours. The password is asked again. For a member stored footage has to be ' +
          'unlocked, because the link carries the key to it.',
        querystring: NoQuery,
        body: NewInvitation,
        response: { 201: MadeInvitation, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      await auth.confirmPassword(identity, takeSecret(request, 'password'), request.ip);
      const { name, role, mayExport, cameras } = request.body;
      const made = await auth.people.invite(identity, { name, role, mayExport, cameras });
      return reply.code(201).send(made);
    },
  );

  api.delete(
    '/api/invitations/:id',
    {
      config: ofLink,
      schema: {
        summary: 'End a link that nobody has used',
        params: IdParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.people.withdraw(identityOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function comingInRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.post(
    '/api/invitations/look',
    {
      config: { access: 'public' },
      schema: {
        summary: 'What a link is for',
        description: 'Wrong ones are counted like wrong passwords.',
        querystring: NoQuery,
        body: InvitationLook,
        response: { 200: InvitationSeen, ...PROBLEMS },
      },
    },
    (request) => auth.people.look(takeSecret(request, 'secret'), request.ip),
  );

  api.post(
    '/api/invitations/claim',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Come in by a link',
        description:
          'Once. A new person chooses name and password; a person who is there, a new password, ' +
          'and is signed out everywhere. Then sign in.',
        querystring: NoQuery,
        body: InvitationClaim,
        response: { 201: Claimed, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const secret = takeSecret(request, 'secret');
      const password = takeSecret(request, 'password');
      const { username } = request.body;
      const claimed = await auth.people.claim({ secret, username, password }, request.ip);
      return reply.code(201).send(claimed);
    },
  );
}
