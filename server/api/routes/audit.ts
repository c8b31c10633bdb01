/** /api/audit: the record, the same for everybody at home; its head for browsers; checking it. */
import { Type } from '@sinclair/typebox';
import { AppError } from '../../base/errors.ts';
import { parseRfc3339 } from '../../base/time.ts';
import {
  AuditHeadAnswer,
  AuditHeadQuery,
  AuditPage,
  AuditQuery,
  AuditVerification,
} from '../../contract/audit.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { NoContent, NoQuery, PROBLEMS } from '../route-rules.ts';

/** Owner and members see the same (G10); viewers see who watches, while they do. */
const member = { access: 'member' } as const;

/** Adds the routes. */
export function auditRoutes(api: Api, parts: RouteParts): void {
  readingRoutes(api, parts);
  verificationRoutes(api, parts);
}

function readingRoutes(api: Api, { services }: RouteParts): void {
  const { auth, audit } = services;

  api.get(
    '/api/audit',
    {
      config: { ...member, object: { is: 'record' } },
      schema: {
        summary: 'The record: who did what and when, newest first',
        description:
          'Details are sealed: they are told to who has unlocked, until their day is forgotten. A page ' +
          'looks at 20,000 entries: with a filter it may be empty and have a `next`.',
        querystring: AuditQuery,
        response: { 200: AuditPage, ...PROBLEMS },
      },
    },
    (request) => {
      const { from, to, kind, who, camera, before, limit } = request.query;
      return audit.reader.page(
        {
          ...{ fromMs: instantOf(from), toMs: instantOf(to), kind, who, cameraId: camera },
          before: before === undefined ? undefined : Number(before),
          limit: limit === undefined ? undefined : Number(limit),
        },
        !auth.isLocked(identityOf(request)),
      );
    },
  );

  api.get(
    '/api/audit/head',
    {
      config: { access: 'signed-in', liveOnly: true },
      schema: {
        summary: 'The newest entry, and whether the record still holds an older one',
        description:
          'For browsers, which keep the newest they saw: `since` and `hash` go together.',
        querystring: AuditHeadQuery,
        response: { 200: AuditHeadAnswer, ...PROBLEMS },
      },
    },
    (request) => {
      const { since, hash } = request.query;
      const isAsked = since !== undefined && hash !== undefined;
      return audit.reader.head(isAsked ? { sequence: Number(since), hash } : undefined);
    },
  );
}

function verificationRoutes(api: Api, { services }: RouteParts): void {
  const { verification } = services.audit;

  api.get(
    '/api/audit/verification',
    {
      config: member,
      schema: {
        summary: 'How far the check of the record is, and how the last one ended',
        querystring: NoQuery,
        response: { 200: AuditVerification, ...PROBLEMS },
      },
    },
    () => verification.get(),
  );

  api.post(
    '/api/audit/verification',
    {
      config: { access: 'footage' },
      schema: {
        summary: 'Check the whole record',
        description: 'In the background, with the household’s key: for who has unlocked.',
        querystring: NoQuery,
        body: Type.Unknown({ description: 'Nothing is needed.' }),
        response: { 202: NoContent, ...PROBLEMS },
      },
    },
    async (_request, reply) => {
      await services.audit.bind();
      verification.start();
      return reply.code(202).send(null);
    },
  );

  api.delete(
    '/api/audit/verification',
    {
      config: member,
      schema: {
        summary: 'Stop the check',
        querystring: NoQuery,
        response: { 204: NoContent, ...PROBLEMS },
      },
    },
    async (_request, reply) => {
      await verification.stop();
      return reply.code(204).send(null);
    },
  );
}

function instantOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const value = parseRfc3339(text);
  if (value === undefined) throw new AppError('invalid', 'This is no date and time.');
  return value;
}
