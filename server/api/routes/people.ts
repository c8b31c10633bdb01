/** /api/people: who lives here, and what they may do. */
import { Type } from '@sinclair/typebox';
import { MadeInvitation, NewPasswordLink, People, PersonPatch } from '../../contract/people.ts';
import { strictObject } from '../../contract/schema.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';
import { takeSecret } from '../secret-bodies.ts';

const ofPerson = { access: 'owner', object: { is: 'box' } } as const;

/** Numbers as the list has them. What does not fit is a 404. */
const PersonParams = strictObject({ id: Type.String({ pattern: '^[1-9]\\d{0,14}$' }) });

/** Adds the routes. */
export function peopleRoutes(api: Api, parts: RouteParts): void {
  api.get(
    '/api/people',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: 'Who lives here, and what everybody may do',
        description: 'Who sees which cameras, and open links, are for the owner alone.',
        querystring: NoQuery,
        response: { 200: People, ...PROBLEMS },
      },
    },
    (request) => parts.services.auth.people.list(identityOf(request)),
  );
  onePersonRoutes(api, parts);
  newPasswordRoute(api, parts);
}

function onePersonRoutes(api: Api, { services }: RouteParts): void {
  const { auth } = services;

  api.patch(
    '/api/people/:id',
    {
      config: ofPerson,
      schema: {
        summary: 'Change what a person may do',
        description:
          'At once, also where live or a recording of theirs is open. A viewer becomes a member by ' +
          'a new link only, because a member has a key.',
        params: PersonParams,
        querystring: NoQuery,
        body: PersonPatch,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.people.change(identityOf(request), Number(request.params.id), request.body);
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/api/people/:id',
    {
      config: ofPerson,
      schema: {
        summary: 'Remove a person',
        description:
          'Signed out everywhere at once, without a key. Their copies and protected footage become ' +
          'yours.',
        params: PersonParams,
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.people.remove(identityOf(request), Number(request.params.id));
      return reply.code(204).send(null);
    },
  );
}

function newPasswordRoute(api: Api, { services }: RouteParts): void {
  const { auth } = services;
  api.post(
    '/api/people/:id/invitation',
    {
      config: ofPerson,
      schema: {
        summary: 'Make a link by which a person sets a new password',
        description: 'The owner’s password is asked again. The old one works until then.',
        params: PersonParams,
        querystring: NoQuery,
        body: NewPasswordLink,
        response: { 201: MadeInvitation, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      await auth.confirmPassword(identity, takeSecret(request, 'password'), request.ip);
      const { params, body } = request;
      const made = await auth.people.inviteAgain(identity, Number(params.id), body.role);
      return reply.code(201).send(made);
    },
  );
}
