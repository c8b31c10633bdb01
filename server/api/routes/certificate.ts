/** GET /ca.crt: what a phone has to trust, before it can trust anything that this box says. */
import { AppError } from '../../base/errors.ts';
import type { Api, RouteParts } from '../api-types.ts';
import { authorityHeaders, AUTHORITY_PATH } from '../authority-file.ts';
import { NoQuery, PROBLEMS } from '../route-rules.ts';

/** Adds the route. */
export function certificateRoutes(api: Api, { services }: RouteParts): void {
  api.get(
    AUTHORITY_PATH,
    {
      config: { access: 'public' },
      schema: {
        summary: 'The box’s own certificate authority, to be trusted by phones',
        description:
          'Also over plain HTTP, where nothing else is. Compare its fingerprint with the one that ' +
          'the box printed.',
        querystring: NoQuery,
        response: {
          200: {
            description: 'One X.509 certificate, PEM.',
            content: { 'application/x-x509-ca-cert': { schema: { type: 'string' } } },
          },
          ...PROBLEMS,
        },
      },
    },
    (_request, reply) => {
      const { authority } = services.certificates;
      if (authority === undefined) {
        throw new AppError('not-found', 'This box has nothing that a phone would have to trust.', {
          hint: 'It is open to this machine only, or shows a certificate of its owner’s.',
        });
      }
      return reply.headers(authorityHeaders(authority)).send(authority.pem);
    },
  );
}
