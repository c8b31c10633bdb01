/** /api/backups: what the household needs on another machine, taken by a person who typed the password. */
import { BackupList, Backup } from '../../contract/backup.ts';
import { PasswordAgain } from '../../contract/session.ts';
import { identityOf } from '../access-guard.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { IdParams, NoQuery, PROBLEMS } from '../route-rules.ts';
import { takeSecret } from '../secret-bodies.ts';
import { sendFile } from '../send-file.ts';

/** It holds no footage and is sealed, so it is taken locked or not. */
const owner = { access: 'owner' } as const;

/** Adds the routes. */
export function backupRoutes(api: Api, { services }: RouteParts): void {
  const { auth, backups } = services;

  api.get(
    '/api/backups',
    {
      config: owner,
      schema: {
        summary: 'The backups that were taken, newest first',
        querystring: NoQuery,
        response: { 200: BackupList, ...PROBLEMS },
      },
    },
    () => ({ backups: [...backups.list()] }),
  );

  api.post(
    '/api/backups',
    {
      config: owner,
      schema: {
        summary: 'Take a backup',
        description:
          'Index, people, settings and keys, sealed to the household; no footage. The password is ' +
          'asked again. This session can fetch the file for 15 minutes.',
        querystring: NoQuery,
        body: PasswordAgain,
        response: { 201: Backup, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      await auth.confirmPassword(identity, takeSecret(request, 'password'), request.ip);
      const backup = await backups.make(identity.username);
      auth.grantFile(identity, backup.id);
      return reply.code(201).send(backup);
    },
  );

  const type = 'application/octet-stream';
  const file = { content: { [type]: { schema: { type: 'string', format: 'binary' } } } } as const;
  api.get(
    '/api/backups/:id/file',
    {
      config: { ...owner, object: { is: 'box' } },
      schema: {
        summary: 'The sealed file (age v1)',
        description: 'Takes Range (RFC 9110 section 14) and If-Range.',
        params: IdParams,
        querystring: NoQuery,
        response: {
          200: { description: 'The file.', ...file },
          206: { description: 'A part of the file.', ...file },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      auth.assertFileGranted(identityOf(request), id);
      return sendFile(request, reply, { etag: `"${id}"`, type, ...(await backups.file(id)) });
    },
  );
}
